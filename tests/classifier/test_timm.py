"""timm loads what histozoo writes, and histozoo what timm writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import timm
import torch
from PIL import Image
from torch import Tensor, nn

import zoo
from tests.hub.fake_hub import UPLOAD_WARNING, Hub
from zoo import Classifier
from zoo.bundle.bundle_config import BundleConfig, PluginPackage
from zoo.bundle.bundle_files import CONFIG
from zoo.bundle.card import card
from zoo.bundle.provenance import TRAINED_ELSEWHERE
from zoo.bundle.timm_config import timm_model
from zoo.classifier import from_blueprint
from zoo.errors import BundleError, CachedCopyWarning, FreshHeadWarning, PluginError
from zoo.exporting.metadata import export_metadata
from zoo.registry import registry
from zoo.spec import Preprocessing
from zoo_demo.model_facts import model_facts

REPO = "ada/tiles"
KNOWN = {
    "densenet121",
    "dinov2_vitb14",
    "dinov2_vits14",
    "lung_resnet50",
    "resnet34",
    "resnet50",
    "resnet50c",
    "resnet50d",
    "resnext50",
    "swin",
    "vgg16",
}
"""The models whose network timm has."""
LARGE = {"swin", "vgg16", "dinov2_vitb14"}
FAST = {"resnet50d"}
ROUNDED = {"vgg16": 1e-4, "dinov2_vits14": 1e-5, "dinov2_vitb14": 1e-5}
"""timm sums these in another order: as a convolution, or positions resampled in another way. The others are equal."""
pytestmark = pytest.mark.filterwarnings(UPLOAD_WARNING)


def with_numbers(network: nn.Module) -> None:
    """Give biases, norms and their statistics values that differ, since fresh ones are all alike."""
    for tensor in network.state_dict().values():
        if tensor.is_floating_point() and tensor.ndim == 1:
            tensor.uniform_(0.5, 1.5)


def made(name: str, **size: int) -> Classifier:
    """A classifier whose layers all have some effect."""
    torch.manual_seed(0)
    blueprint = registry().model(name)
    blueprint = replace(blueprint, preprocessing=replace(blueprint.preprocessing, **size))
    classifier = from_blueprint(blueprint, ["benign", "malignant"]).eval()
    with_numbers(classifier.network)
    return classifier


@torch.no_grad()
def difference(ours: nn.Module, theirs: nn.Module, x: Tensor) -> float:
    outputs = ours(x)
    return float((outputs - theirs.eval()(x)).abs().max() / outputs.abs().max().clamp(min=1))


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in FAST else pytest.mark.slow) for name in sorted(KNOWN)]
)
def test_timm_loads_our_bundle_from_a_folder_with_the_same_outputs(tmp_path: Path, name: str) -> None:
    side = 56 if name.startswith("dinov2") else 64
    classifier = made(name, height=side, width=side)
    folder = classifier.save(tmp_path / "bundle")
    theirs = timm.create_model(f"local-dir:{folder}", pretrained=True)
    shapes = ((1, 3, side, side),) if name in LARGE else ((2, 3, side, side), (1, 3, side * 2, side))
    for shape in shapes:
        assert difference(classifier, theirs, torch.randn(shape)) <= ROUNDED.get(name, 0.0)


def test_timm_knows_no_other_model_and_the_card_of_one_says_what_to_do() -> None:
    names = {name for name in registry().names() if timm_model(from_config(name)) is not None}
    assert names == KNOWN
    assert "`zoo export ada/tiles -o model.onnx`" in card(from_config("dala"), None, repo=REPO)
    assert f'timm.create_model("hf-hub:{REPO}", pretrained=True)' in card(from_config("swin"), None, repo=REPO)


def from_config(name: str) -> BundleConfig:
    """The configuration of a model, without its network."""
    blueprint = registry().model(name)
    owner = registry().plugins.owner(blueprint.architecture.name)
    return BundleConfig(
        entry=name,
        architecture=blueprint.architecture.name,
        plugin=PluginPackage(name=owner.name, distribution=owner.distribution, version=owner.version),
        options=dict(blueprint.options),
        head=blueprint.entry.head,
        classes=("benign", "malignant"),
        preprocessing=blueprint.preprocessing,
    )


def test_timm_loads_our_repository_with_labels_preprocessing_and_another_number_of_classes(
    hub: Hub, tmp_path: Path
) -> None:
    classifier = made("densenet121", height=48, width=64)
    classifier.push_to_hub(REPO)
    theirs = timm.create_model(f"hf-hub:{REPO}", pretrained=True).eval()
    assert theirs.pretrained_cfg["label_names"] == ["benign", "malignant"]
    picture = Image.effect_noise((80, 70), 90).convert("RGB")
    transform = timm.data.create_transform(**timm.data.resolve_model_data_config(theirs))
    assert torch.allclose(transform(picture), classifier.preprocess(picture)[0], atol=1e-6)
    assert difference(classifier, theirs, classifier.preprocess(picture)) == 0
    more = timm.create_model(f"hf-hub:{REPO}", pretrained=True, num_classes=5)
    assert more.get_classifier().out_features == 5


def test_a_network_with_options_that_timm_lacks_and_a_size_that_timm_computes_otherwise_are_not_offered_to_it() -> None:
    literal = replace(from_config("densenet121"), options={"literal": True})
    large = replace(from_config("vgg16"), preprocessing=Preprocessing(height=256, width=224))
    for config in (literal, large):
        assert "pretrained_cfg" not in config.to_json()
        assert "timm does not have this network" in card(config, None)


@pytest.fixture
def of_timm(hub: Hub, tmp_path: Path) -> Callable[..., nn.Module]:
    """A function that publishes a network as timm does."""

    def publish(name: str, *, config: dict[str, Any], **arguments: Any) -> nn.Module:
        torch.manual_seed(0)
        network: nn.Module = timm.create_model(name, pretrained=False, **arguments).eval()
        with_numbers(network)
        timm.models.save_for_hf(network, tmp_path / "timm", model_config=config, safe_serialization=True)
        files = {file.name: file.read_bytes() for file in (tmp_path / "timm").iterdir()}
        hub.repository(REPO).commit("timm", dict(files))
        return network

    return publish


def test_a_repository_of_timm_gives_a_classifier_with_its_labels_and_preprocessing(
    hub: Hub, of_timm: Callable[..., nn.Module], tmp_path: Path
) -> None:
    theirs = of_timm("resnet10t", num_classes=3, config={"label_names": ["fat", "stroma", "tumor"]})
    model = zoo.from_pretrained(REPO)
    assert model.classes == ("fat", "stroma", "tumor")
    transform = timm.data.create_transform(**timm.data.resolve_model_data_config(theirs))
    picture = Image.linear_gradient("L").resize((300, 260)).convert("RGB")
    assert (transform(picture) - model.preprocess(picture)[0]).abs().max() < 0.05
    assert difference(model, theirs, model.preprocess(picture)) == 0
    assert model.predict(picture).label in model.classes
    saved = model.save(tmp_path / "ours")
    for again in (zoo.from_pretrained(saved), timm.create_model(f"local-dir:{saved}", pretrained=True)):
        assert difference(model, again, model.preprocess(picture)) == 0
    hub.fail("GET", "/api/models/", 500)
    with pytest.warns(CachedCopyWarning):
        assert zoo.from_pretrained(REPO).classes == model.classes
    assert zoo.from_pretrained(REPO, local_files_only=True).classes == model.classes
    assert zoo.from_pretrained(tmp_path / "timm").classes == model.classes


@pytest.mark.parametrize(
    "changes",
    [
        {"crop_mode": "squash", "crop_pct": 0.8},
        {"crop_mode": "squash", "crop_pct": 1.0},
        {"crop_mode": "center", "crop_pct": 0.8},
        {"interpolation": None},
        {"crop_pct": None},
    ],
)
def test_images_are_prepared_as_timm_does_it(
    of_timm: Callable[..., nn.Module], tmp_path: Path, changes: dict[str, Any]
) -> None:
    of_timm("resnet10t", num_classes=2, config={})
    folder = tmp_path / "timm"
    config = json.loads((folder / "config.json").read_text())
    config["pretrained_cfg"] = {**config["pretrained_cfg"], **changes}
    for name in [name for name, value in changes.items() if value is None]:
        del config["pretrained_cfg"][name]
    (folder / "config.json").write_text(json.dumps(config))
    theirs = timm.create_model(f"local-dir:{folder}", pretrained=True)
    transform = timm.data.create_transform(**timm.data.resolve_model_data_config(theirs))
    picture = Image.radial_gradient("L").resize((300, 260)).convert("RGB")
    model = zoo.from_pretrained(folder)
    assert (transform(picture) - model.preprocess(picture)[0]).abs().max() < 0.1
    saved = timm.create_model(f"local-dir:{model.save(tmp_path / 'ours')}", pretrained=True)
    transform = timm.data.create_transform(**timm.data.resolve_model_data_config(saved))
    assert (transform(picture) - model.preprocess(picture)[0]).abs().max() < 0.1


def test_labels_by_number_are_in_the_order_of_the_numbers(of_timm: Callable[..., nn.Module], tmp_path: Path) -> None:
    labels = {str(number): f"class {number}" for number in range(12)}
    of_timm("resnet10t", num_classes=12, config={"label_names": dict(sorted(labels.items()))})
    assert zoo.from_pretrained(tmp_path / "timm").classes == tuple(labels.values())


def test_a_model_of_timm_was_trained_on_images_that_nobody_knows(
    of_timm: Callable[..., nn.Module], tmp_path: Path, tiles: Path
) -> None:
    of_timm("resnet10t", num_classes=2, config={"label_names": ["bright", "dark"]})
    saved = zoo.from_pretrained(tmp_path / "timm").save(tmp_path / "ours")
    found = zoo.evaluate(saved, data="folder", root=tiles, device="cpu", progress=False)
    assert found.metrics.seen is not None
    assert not found.metrics.seen.known
    assert export_metadata(zoo.from_pretrained(saved))["trained_on"] == (
        "not known: histozoo has not trained these weights"
    )
    config = zoo.from_pretrained(saved).config
    assert model_facts(config).trained_on == "unknown"
    assert "**Trained elsewhere, it is not known on what.**" in card(config, None)


def test_a_repository_of_timm_whose_network_the_zoo_has_gives_that_one(of_timm: Callable[..., nn.Module]) -> None:
    of_timm("densenet121", num_classes=2, config={})
    model = zoo.from_pretrained(REPO)
    assert (model.config.architecture, model.classes) == ("densenet121", ("0", "1"))


def test_an_encoder_of_timm_without_a_head_gets_a_fresh_one_and_keeps_its_features(
    of_timm: Callable[..., nn.Module],
) -> None:
    theirs = of_timm("resnet10t", num_classes=0, config={})
    with pytest.raises(BundleError, match="the network has no head") as caught:
        zoo.from_pretrained(REPO)
    assert "num_classes=2" in str(caught.value)
    with pytest.warns(FreshHeadWarning, match="has no head: it gets a fresh one for 3 classes"):
        model = zoo.from_pretrained(REPO, num_classes=3)
    x = torch.randn(1, 3, 64, 64)
    assert model(x).shape == (1, 3)
    with torch.no_grad():
        assert torch.equal(model.network.forward_features(x), theirs.forward_features(x))
    assert model.config.fresh_head
    assert "# resnet10t, trained elsewhere, with a fresh head\n" in card(model.config, None)


def test_a_network_of_timm_with_a_new_head_was_trained_elsewhere(
    of_timm: Callable[..., nn.Module], tmp_path: Path
) -> None:
    of_timm("resnet10t", num_classes=5, config={})
    with pytest.warns(FreshHeadWarning):
        zoo.from_pretrained(REPO, num_classes=3).save(tmp_path / "three")
    saved = zoo.from_pretrained(tmp_path / "three")
    text = card(saved.config, None)
    assert "# resnet10t, trained elsewhere, with a fresh head\n" in text
    assert f"All other weights were **{TRAINED_ELSEWHERE}**.\n" in text
    assert "fresh weights" not in text
    facts = model_facts(saved.config)
    assert (facts.trained_on, facts.rows[0][1]) == ("nothing", f"{TRAINED_ELSEWHERE}; then its head was replaced")
    assert export_metadata(saved)["trained_on"].startswith(f"{TRAINED_ELSEWHERE}; then its head was replaced")


def test_the_classes_of_imagenet_have_their_names(of_timm: Callable[..., nn.Module]) -> None:
    of_timm("resnet10t", config={})
    classes = zoo.from_pretrained(REPO).classes
    assert classes[0].startswith("tench")
    assert len(set(classes)) == 1000


HOSTILE: list[tuple[dict[str, Any], str]] = [
    ({"architecture": "resnet_of_tomorrow"}, "timm .* has no network 'resnet_of_tomorrow'"),
    ({"num_classes": 1}, "so it is no classifier"),
    ({"num_classes": "many"}, "so it is no classifier"),
    ({"model_args": {"checkpoint_path": "/etc/passwd"}}, "the argument 'checkpoint_path' is not known"),
    ({"pretrained_cfg": {"input_size": "large"}}, "cannot be read"),
    ({"pretrained_cfg": {"input_size": [3, 224, 224], "mean": [0, 0, 0], "std": [0, 1, 1]}}, "std must be"),
]


def test_a_hostile_repository_of_timm_is_refused(hub: Hub, of_timm: Callable[..., nn.Module]) -> None:
    of_timm("resnet10t", num_classes=3, config={})
    repository = hub.repositories[REPO]
    sound = json.loads(repository.head.files[CONFIG])
    for changes, expected in HOSTILE:
        repository.commit("hostile", {CONFIG: json.dumps({**sound, **changes}).encode()})
        with pytest.raises((BundleError, PluginError), match=expected):
            zoo.from_pretrained(REPO)


def test_a_config_of_another_program_is_still_refused(hub: Hub) -> None:
    hub.repository(REPO).commit("theirs", {CONFIG: b'{"model_type": "bert"}', "model.safetensors": b"x"})
    with pytest.raises(BundleError, match="was not written by histozoo"):
        zoo.from_pretrained(REPO)
    assert hub.asked("GET .*safetensors") == []
