"""Initial weights from a fake Hub on a local socket, and from a Hub that cannot be reached."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import timm
import torch
from safetensors.torch import save

from tests.hub.fake_hub import Commit, Hub, hub, point_client
from tests.listening import Listener
from zoo import create_model, from_pretrained, train
from zoo.config.plain import plain
from zoo.errors import BundleError, HubError, UsageError
from zoo.hub import time_limits
from zoo.registry import Blueprint, registry
from zoo.spec import Pretrained
from zoo.training.initial_weights import load_initial_weights

pytestmark = pytest.mark.usefixtures("empty_charts")

__all__ = ["hub"]

REVISION = "5" * 40


@pytest.fixture
def published() -> dict[str, torch.Tensor]:
    """The weights on the Hub."""
    torch.manual_seed(9)
    return create_model("resnet20").network.state_dict()


@pytest.fixture
def blueprint() -> Blueprint:
    """A small network whose pretrained weights are on the Hub."""
    bare = registry().model("resnet20")
    source = Pretrained(
        repo="ada/small", revision=REVISION, license="mit", data="ImageNet-1k", load="zoo.nn:load_trunk"
    )
    return replace(bare, architecture=replace(bare.architecture, pretrained=(source,)))


@pytest.fixture
def hub_with_weights(hub: Hub, published: dict[str, torch.Tensor]) -> Hub:
    from tests.hub.fake_hub import Repository

    hub.repositories["ada/small"] = Repository("ada/small")
    hub.repositories["ada/small"].commits.append(Commit(REVISION, "weights", {"model.safetensors": save(published)}))
    return hub


@pytest.fixture(params=["refuses", "accepts and never answers"])
def unreachable_hub(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], float]]:
    """Make the Hub unreachable, and return a function that returns the seconds since then."""
    sleep = time.sleep
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    if request.param == "refuses":
        listening.close()
    else:
        listening.listen(16)
    point_client(monkeypatch, address, tmp_path / "hf-home")
    monkeypatch.setattr("time.sleep", sleep)  # retries take their real time
    monkeypatch.setattr(time_limits, "PINNED_FILE", 1.0)
    start = time.monotonic()
    yield lambda: time.monotonic() - start
    listening.close()


def _load(blueprint: Blueprint, how: str, progress: Listener) -> tuple[torch.nn.Module, Any]:
    """Return a new network, and what was loaded into it."""
    torch.manual_seed(0)
    network = blueprint.build(2)
    return network, load_initial_weights(network, blueprint, how, progress)  # type: ignore[arg-type]


@pytest.mark.parametrize("how", ["auto", "imagenet"])
def test_pretrained_weights_are_loaded_from_the_pinned_revision_which_is_recorded(
    hub_with_weights: Hub, blueprint: Blueprint, published: dict[str, torch.Tensor], listener: Listener, how: str
) -> None:
    network, weights = _load(blueprint, how, listener)
    assert all(torch.equal(tensor, published[name]) for name, tensor in network.state_dict().items())
    assert plain(weights) == {
        "asked": how,
        "used": "ImageNet-1k",
        "repo": "ada/small",
        "revision": REVISION,
        "license": "mit",
        "note": None,
        "fresh": [],
    }


def test_weights_that_were_downloaded_once_are_loaded_from_the_cache_offline(
    hub_with_weights: Hub, blueprint: Blueprint, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    _load(blueprint, "imagenet", listener)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert _load(blueprint, "imagenet", listener)[1].used == "ImageNet-1k"


def test_init_scratch_does_not_contact_the_hub(
    blueprint: Blueprint, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "zoo.training.initial_weights.fetch_file", lambda *_, **__: pytest.fail("the Hub was contacted")
    )
    weights = _load(blueprint, "scratch", listener)[1]
    assert (weights.used, weights.note) == ("scratch", None)
    assert listener.heard == []


def test_init_auto_trains_from_scratch_without_the_hub_and_reports_it_in_one_line(
    unreachable_hub: Callable[[], float], blueprint: Blueprint, listener: Listener, capfd: pytest.CaptureFixture[str]
) -> None:
    network, weights = _load(blueprint, "auto", listener)
    assert unreachable_hub() < 10
    assert (weights.asked, weights.used, weights.repo) == ("auto", "scratch", None)
    assert weights.note.startswith("pretrained weights could not be downloaded (")
    assert listener.heard == [f"{weights.note}: training from scratch"]
    assert "\n" not in listener.heard[0]
    assert capfd.readouterr() == ("", ""), "the Hub's client printed something"
    torch.manual_seed(0)
    fresh = blueprint.build(2).state_dict()
    assert all(torch.equal(tensor, fresh[name]) for name, tensor in network.state_dict().items())


def test_init_imagenet_is_an_error_without_the_hub(
    unreachable_hub: Callable[[], float], blueprint: Blueprint, listener: Listener
) -> None:
    with pytest.raises(HubError):
        _load(blueprint, "imagenet", listener)
    assert unreachable_hub() < 10


def test_in_offline_mode_training_starts_from_scratch_at_once(
    blueprint: Blueprint, listener: Listener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    weights = _load(blueprint, "auto", listener)[1]
    assert "HF_HUB_OFFLINE" in weights.note


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_a_refusal_of_the_hub_is_reported_once_and_not_retried(
    hub_with_weights: Hub, blueprint: Blueprint, listener: Listener, status: int, capfd: pytest.CaptureFixture[str]
) -> None:
    hub_with_weights.fail("HEAD", "small", status=status, times=None)
    weights = _load(blueprint, "auto", listener)[1]
    assert weights.used == "scratch"
    assert len(listener.heard) == 1
    assert capfd.readouterr() == ("", "")
    with pytest.raises(HubError):
        _load(blueprint, "imagenet", listener)


def test_weights_whose_checksum_differs_are_not_loaded(
    hub_with_weights: Hub, blueprint: Blueprint, listener: Listener
) -> None:
    (source,) = blueprint.architecture.pretrained
    other = replace(source, sha256="0" * 64)
    blueprint = replace(blueprint, architecture=replace(blueprint.architecture, pretrained=(other,)))
    weights = _load(blueprint, "auto", listener)[1]
    assert weights.used == "scratch"
    assert "sha256 differs" in weights.note
    with pytest.raises(HubError, match="sha256 differs"):
        _load(blueprint, "imagenet", listener)


def test_a_damaged_file_of_weights_is_not_loaded(
    hub_with_weights: Hub, blueprint: Blueprint, listener: Listener
) -> None:
    hub_with_weights.repositories["ada/small"].commits[0].files["model.safetensors"] = b"not safetensors"
    assert _load(blueprint, "auto", listener)[1].used == "scratch"
    with pytest.raises(BundleError, match="cannot be read"):
        _load(blueprint, "imagenet", listener)


def test_pretrained_weights_with_a_nan_are_an_error(
    hub_with_weights: Hub, blueprint: Blueprint, published: dict[str, torch.Tensor], listener: Listener
) -> None:
    published["layer1.0.conv1.weight"][0, 0, 0, 0] = torch.nan
    hub_with_weights.repositories["ada/small"].commits[0].files["model.safetensors"] = save(published)
    with pytest.raises(BundleError, match=r"ada/small: these weights contain NaN: layer1\.0\.conv1\.weight"):
        _load(blueprint, "auto", listener)


FRESH = {
    "dala": {"attention.fc1", "attention.fc2", "fc"},
    "resnet50": {"fc"},
    "densenet121": {"classifier"},
    "vgg16": {"classifier.6"},
    "vgg16inception": {"fc.0", "fc.2"},
    "dinov2_vits14": {"mask_token", "head"},
    "swin": {"head.fc"},
    "resnext50": {"fc"},
}


LARGE = {"vgg16", "vgg16inception", "swin"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name in LARGE else ()) for name in FRESH]
)
def test_what_has_no_pretrained_weights_is_known_for_every_network(
    name: str, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    blueprint = registry().model(name)
    files = {source.repo: _as_published(source.repo) for source in blueprint.architecture.pretrained}
    monkeypatch.setattr("zoo.training.initial_weights._fetch", lambda source: source.repo)
    monkeypatch.setattr("zoo.training.initial_weights.read_tensors", files.__getitem__)
    network, weights = _load(blueprint, "imagenet", listener)
    assert {entry.removesuffix(".weight").removesuffix(".bias") for entry in weights.fresh} == FRESH[name]
    torch.manual_seed(0)
    before = blueprint.build(2).state_dict()
    after = network.state_dict()
    assert all(torch.equal(before[entry], after[entry]) for entry in weights.fresh), "they are as they were built"
    assert not any(tensor.isnan().any() for tensor in after.values())


def _as_published(repo: str) -> dict[str, torch.Tensor]:
    """Weights with the names and shapes of a repository of timm, all zero: many equal the initial ones."""
    name = repo.removeprefix("timm/")
    with torch.device("meta"):
        state = timm.create_model(name, pretrained=False).state_dict()
    return {entry: torch.zeros(tensor.shape, dtype=tensor.dtype) for entry, tensor in state.items()}


def test_weights_of_another_network_are_an_error_even_with_init_auto(
    hub_with_weights: Hub, blueprint: Blueprint, published: dict[str, torch.Tensor], listener: Listener
) -> None:
    del published["fc.bias"]
    hub_with_weights.repositories["ada/small"].commits[0].files["model.safetensors"] = save(published)
    with pytest.raises(BundleError, match="these weights are not for SmallResNet"):
        _load(blueprint, "auto", listener)


def test_a_model_without_pretrained_weights_trains_from_scratch_with_a_note(listener: Listener) -> None:
    weights = _load(registry().model("resnet20"), "auto", listener)[1]
    assert weights.note == "there are no pretrained weights for resnet20"
    with pytest.raises(UsageError, match="use --init auto or --init scratch"):
        train("resnet20", init="imagenet")


def test_a_run_from_scratch_because_weights_are_missing_says_so_in_messages_run_yaml_bundle_and_card(
    blueprint: Blueprint, quick: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listener: Listener
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hf"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    plugin = registry().plugins.owner("small_resnet")
    monkeypatch.setitem(plugin.models, "small_resnet", blueprint.architecture)
    run = train("resnet20", progress=listener, **{**quick, "epochs": 1})
    note = run.record.initial_weights.note
    assert "HF_HUB_OFFLINE" in note
    assert f"{note}: training from scratch" in listener.heard
    assert note in (run.bundle / "config.json").read_text()
    assert "scratch" in (run.bundle / "README.md").read_text()


def test_training_the_head_changes_what_has_no_pretrained_weights_and_nothing_else(
    quick: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listener: Listener
) -> None:
    torch.manual_seed(9)
    published = create_model("resnet20", options={"depth": 8}).network.state_dict()
    trunk = {name: tensor for name, tensor in published.items() if not name.startswith("fc.")}
    source = Pretrained(repo="ada/small", revision=REVISION, license="mit", data="ImageNet-1k", load="any:load")
    plugin = registry().plugins.owner("cbam")
    monkeypatch.setitem(plugin.models, "cbam", replace(plugin.models["cbam"], pretrained=(source,)))
    monkeypatch.setattr("zoo.training.initial_weights._fetch", lambda _: tmp_path)
    monkeypatch.setattr("zoo.training.initial_weights.read_tensors", lambda _: trunk)
    monkeypatch.setattr(
        "zoo.training.initial_weights.import_object",
        lambda *_, **__: lambda network, tensors: network.load_state_dict(tensors, strict=False),
    )
    options = {**quick, "model_options": {"depth": 8}, "tune": "head", "epochs": 1}
    run = train("cbam20", progress=listener, **options)
    trained = from_pretrained(run.bundle).network.state_dict()
    changed = {name for name, tensor in trunk.items() if not torch.equal(trained[name], tensor)}
    assert changed == set()
    fresh = run.record.initial_weights.fresh
    assert {name.split(".")[-2] for name in fresh} == {"fc1", "fc2", "conv", "fc"}
    assert set(trained) == {*trunk, *fresh}
    assert any(line.startswith("trained: fc, layer1.0.attention.0.fc1") for line in listener.heard)
    torch.manual_seed(run.record.config.seed)
    built = create_model("cbam20", options={"depth": 8}).network.state_dict()
    assert all(not torch.equal(trained[name], built[name]) for name in fresh)
