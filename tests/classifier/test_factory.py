from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from tests.classifier.changed_bundle import change_bundle
from zoo import Classifier, create_model, from_pretrained
from zoo.bundle.bundle_files import CONFIG, METRICS, WEIGHTS
from zoo.errors import BundleError, PluginError, UnknownNameError, UsageError, ZooError
from zoo.runs import Run

Change = Callable[..., Path]


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    """Weights that no fresh network has, and batch norms that have seen something. Not to be changed."""
    torch.manual_seed(3)
    made = create_model("resnet20", classes=["benign", "malignant"], options={"depth": 14})
    made.train()
    with torch.no_grad():
        made(torch.randn(8, 3, 64, 64))
    return made.eval()


@pytest.fixture(scope="module")
def _saved(classifier: Classifier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return classifier.save(tmp_path_factory.mktemp("saved") / "bundle")


@pytest.fixture
def bundle(_saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(_saved, tmp_path / "bundle"))


@pytest.fixture
def changed(bundle: Path) -> Change:
    """The bundle with other weights or another config; the checksum fits unless it is the one that is changed."""
    return partial(change_bundle, bundle)


def test_create_model_numbers_the_classes_and_is_in_evaluation_mode() -> None:
    made = create_model("resnet20", num_classes=4)
    assert made.classes == ("0", "1", "2", "3")
    assert not made.training
    assert made(torch.zeros(1, 3, 64, 64)).shape == (1, 4)


@pytest.mark.parametrize(
    ("how", "error", "text"),
    [
        ({"num_classes": 1}, UsageError, "at least two classes, not 1"),
        ({"classes": ["a", "a"]}, UsageError, "two classes have the same name"),
        ({"options": {"dept": 20}}, UnknownNameError, "did you mean depth?"),
        ({"options": {"depth": "deep"}}, UsageError, "option depth must be a whole number, not 'deep'"),
        ({"options": {"depth": 21}}, PluginError, "depth must be 6n+2"),
    ],
)
def test_create_model_refuses_invalid_classes_and_options(how: dict[str, Any], error: type, text: str) -> None:
    with pytest.raises(error) as caught:
        create_model("resnet20", **how)
    assert text in str(caught.value)


def test_a_misspelt_model_suggests_the_nearest_name() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown model 'resnet2O'\n  did you mean .*resnet20"):
        create_model("resnet2O")


def test_a_sigmoid_head_needs_exactly_two_classes(own_registry: Callable[[str], None]) -> None:
    own_registry("models:\n  one:\n    architecture: small_resnet\n    head: sigmoid\n")
    assert create_model("one")(torch.zeros(1, 3, 64, 64)).shape == (1, 1)
    with pytest.raises(UsageError, match="a sigmoid head needs exactly two classes, not 3"):
        create_model("one", num_classes=3)


def test_a_loaded_bundle_gives_the_same_logits_to_the_bit(classifier: Classifier, bundle: Path) -> None:
    again = from_pretrained(bundle)
    x = torch.randn(4, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(again(x), classifier(x))
    assert again.config == replace(classifier.config, trained_elsewhere=True)  # its batch norms have changed
    assert not again.training


def test_a_bundle_contains_an_input_with_the_logits_of_the_saved_model(bundle: Path) -> None:
    golden = load_file(bundle / "golden.safetensors")
    with torch.no_grad():
        assert torch.equal(from_pretrained(bundle)(golden["input"]), golden["logits"])


def test_a_loaded_sigmoid_bundle_gives_the_same_logits(own_registry: Callable[[str], None], tmp_path: Path) -> None:
    own_registry("models:\n  one:\n    architecture: small_resnet\n    options: {depth: 8}\n    head: sigmoid\n")
    made = create_model("one", classes=["no", "yes"])
    again = from_pretrained(made.save(tmp_path / "bundle"))
    x = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(again(x), made(x))
    assert again.config.head == "sigmoid"


def test_from_pretrained_of_a_run_loads_its_bundle(trained: Run) -> None:
    x = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        assert torch.equal(from_pretrained(trained.path)(x), from_pretrained(trained.bundle)(x))


def test_a_bundle_loads_without_the_registry_entry_it_was_trained_from(changed: Change) -> None:
    """A bundle contains options and preprocessing; only the code comes from the installation."""
    folder = changed(entry="a_row_of_somebody_elses_registry")
    assert from_pretrained(folder).config.options == {"depth": 14}


@pytest.mark.parametrize("damage", ["missing", "unexpected", "shape"])
def test_weights_that_do_not_fit_the_architecture_are_refused_and_the_tensor_is_named(
    changed: Change, bundle: Path, damage: str
) -> None:
    tensors = load_file(bundle / WEIGHTS)
    if damage == "missing":
        del tensors["layer2.0.bn1.running_mean"]
    elif damage == "unexpected":
        tensors["layer9.weight"] = torch.zeros(1)
    else:
        tensors["fc.bias"] = torch.zeros(3)
    with pytest.raises(BundleError) as caught:
        from_pretrained(changed(tensors=tensors))
    text = str(caught.value)
    assert {"missing": "layer2.0.bn1.running_mean", "unexpected": "layer9.weight", "shape": "fc.bias"}[damage] in text
    assert "the weights do not fit the architecture 'small_resnet'" in text
    assert "histozoo" in text


def test_the_error_for_hundreds_of_misfitting_tensors_is_short(changed: Change) -> None:
    with pytest.raises(BundleError) as caught:
        from_pretrained(changed(options={"depth": 56}))
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("where", [0, 100, -1])
def test_a_single_damaged_byte_of_the_weights_is_noticed(bundle: Path, where: int) -> None:
    data = bytearray((bundle / WEIGHTS).read_bytes())
    data[where] ^= 1
    (bundle / WEIGHTS).write_bytes(data)
    with pytest.raises(BundleError) as caught:
        from_pretrained(bundle)
    assert "its sha256 differs" in str(caught.value) or "model.safetensors is damaged" in str(caught.value)
    assert "download the bundle again" in str(caught.value)


@pytest.mark.parametrize("stated", [None, [], "x", {}, {"sha256": "0" * 64}, {"sha256": None}])
def test_a_missing_or_wrong_checksum_is_refused(changed: Change, stated: Any) -> None:
    with pytest.raises(BundleError, match="its sha256 differs"):
        from_pretrained(changed(weights=stated))


class _Trap:
    """Unpickling this would write a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def test_a_pickle_named_model_safetensors_is_not_unpickled(changed: Change, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="cannot be read"):
        from_pretrained(changed(raw=pickle.dumps(_Trap(tmp_path / "trap"))))
    assert not (tmp_path / "trap").exists()


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "model.ckpt", "model.pth"])
def test_weights_in_a_pickle_format_are_not_loaded(bundle: Path, tmp_path: Path, name: str) -> None:
    (bundle / WEIGHTS).unlink()
    (bundle / name).write_bytes(pickle.dumps(_Trap(tmp_path / "trap")))
    with pytest.raises(BundleError, match=r"this bundle has no model\.safetensors"):
        from_pretrained(bundle)
    assert not (tmp_path / "trap").exists()


def test_code_in_a_bundle_is_not_run(bundle: Path, tmp_path: Path) -> None:
    for name in ("zoo_dala.py", "modeling.py", "__init__.py", "conftest.py", "sitecustomize.py"):
        (bundle / name).write_text(f"import pathlib\npathlib.Path({str(tmp_path / 'trap')!r}).touch()\n")
    from_pretrained(bundle)
    assert not (tmp_path / "trap").exists()


@pytest.mark.parametrize("key", ["build", "auto_map", "load", "plugin_module", "registry"])
def test_a_config_that_names_code_is_refused(changed: Change, key: str) -> None:
    with pytest.raises(BundleError, match=f"{key} is unknown"):
        from_pretrained(changed(**{key: "modeling:Model"}))


@pytest.mark.parametrize("name", ["os:system", "zoo_dala.dala_resnet:build", "transunet"])
def test_a_bundle_of_an_unregistered_architecture_says_what_to_install(changed: Change, name: str) -> None:
    plugin = {"name": "unet", "distribution": "zoo-unet", "version": "2.1"}
    with pytest.raises(PluginError) as caught:
        from_pretrained(changed(architecture=name, plugin=plugin))
    assert f"no installed plugin registers the architecture {name!r}" in str(caught.value)
    assert "pip install 'zoo-unet==2.1'" in str(caught.value)


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ({"head": "tanh"}, "head must be one of softmax, sigmoid, not 'tanh'"),
        ({"classes": "ab"}, "classes must be a list of strings, not 'ab'"),
        ({"classes": ["a"]}, "at least two classes"),
        ({"classes": ["a", "a"]}, "two classes have the same name"),
        ({"architecture": 7}, "architecture must be a string, not 7"),
        ({"preprocessing": {}}, "config.json cannot be read: preprocessing.height, preprocessing.width, "),
        ({"preprocessing": [1]}, "preprocessing must be a mapping"),
        ({"plugin": None}, "plugin must be a mapping"),
        ({"options": "none"}, "options must be a mapping"),
        ({"options": {}}, "options of small_resnet are missing: depth"),
        ({"options": {"depth": 14, "width": 3}}, "unknown option of small_resnet 'width'"),
        ({"options": {"depth": 21}}, "could not build small_resnet"),
        ({"format": 99}, "this version of histozoo reads format 1"),
        ({"library": "other"}, "was not written by histozoo"),
    ],
)
def test_a_damaged_config_is_refused_and_says_what_is_wrong(changed: Change, config: dict[str, Any], text: str) -> None:
    with pytest.raises(ZooError) as caught:
        from_pretrained(changed(**config))
    assert text in str(caught.value)


@pytest.mark.parametrize(
    ("field", "value"),
    [("height", "64"), ("interpolation", "nearest"), ("mean", [0.5, 0.5]), ("std", "0.5"), ("fit", 1), ("color", 1)],
)
def test_damaged_preprocessing_is_refused_and_the_field_is_named(
    changed: Change, bundle: Path, field: str, value: Any
) -> None:
    preprocessing = json.loads((bundle / CONFIG).read_text())["preprocessing"]
    with pytest.raises(BundleError, match=rf"config\.json cannot be read: preprocessing\.{field} "):
        from_pretrained(changed(preprocessing={**preprocessing, field: value}))


@pytest.mark.parametrize("key", ["entry", "architecture", "plugin", "options", "head", "classes", "preprocessing"])
def test_a_config_with_a_missing_key_names_the_key(bundle: Path, key: str) -> None:
    document = json.loads((bundle / CONFIG).read_text())
    del document[key]
    (bundle / CONFIG).write_text(json.dumps(document))
    with pytest.raises(BundleError, match=rf"config\.json cannot be read: {key} is missing"):
        from_pretrained(bundle)


def test_a_moved_bundle_still_loads(bundle: Path, tmp_path: Path, classifier: Classifier) -> None:
    moved = shutil.move(bundle, tmp_path / "elsewhere")
    x = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(from_pretrained(moved)(x), classifier(x))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"classes": [1, 2]}, "the name of a class must be a text, not 1"),
        ({"classes": ["a", None]}, "the name of a class must be a text, not None"),
        ({"classes": "ab"}, "classes must be a list of names, not 'ab'"),
        ({"num_classes": "2"}, "num_classes must be a whole number, not '2'"),
        ({"num_classes": 2.0}, "num_classes must be a whole number, not 2.0"),
        ({"options": ["depth"]}, "the options of resnet20 must be a mapping of names to values"),
    ],
)
def test_a_model_is_not_made_from_values_of_other_types(given: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        create_model("resnet20", **given)


def test_a_classifier_read_from_a_relative_path_stays_with_its_bundle_when_the_working_directory_changes(
    trained: Run, classifier: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("here", "there"):
        (tmp_path / folder).mkdir()
    (tmp_path / "here" / "model").symlink_to(trained.bundle)
    classifier.save(tmp_path / "there" / "model")
    monkeypatch.chdir(tmp_path / "here")
    model, expected = from_pretrained("model"), from_pretrained(trained.bundle)
    monkeypatch.chdir(tmp_path / "there")
    assert model.metrics == expected.metrics is not None
    assert model.seen is not None
    assert expected.seen is not None
    assert model.seen.digest == expected.seen.digest
    assert model.baseline is not None
    assert model.bundle == tmp_path / "here" / "model"  # not where the link leads: it may lead elsewhere later


def test_a_classifier_does_not_take_what_another_model_in_its_folder_states_for_its_own(
    trained: Run, classifier: Classifier, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(classifier.save(tmp_path / "first"), tmp_path / "bundle"))
    model = from_pretrained(folder)
    shutil.rmtree(folder)
    shutil.copytree(trained.bundle, folder)
    uses: list[Callable[[], object]] = [
        lambda: model.seen,
        lambda: model.baseline,
        lambda: model.metrics,
        lambda: model.leaked,
        lambda: model.save(tmp_path / "saved"),
    ]
    for use in uses:
        with pytest.raises(BundleError, match="has changed since this model was loaded"):
            use()
    assert not (tmp_path / "saved").exists()


def test_a_classifier_takes_the_report_that_was_written_into_its_folder_since(trained: Run, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(trained.bundle, tmp_path / "bundle"))
    report = (folder / METRICS).read_text()
    (folder / METRICS).unlink()
    model = from_pretrained(folder)
    (folder / METRICS).write_text(report)
    assert model.metrics == from_pretrained(trained.bundle).metrics is not None
