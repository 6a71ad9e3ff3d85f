"""What a model was trained on, in a few words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from zoo.classifier import BundleConfig

SPLITS = {
    "patient": "by patient",
    "image": "by image, so one patient's images may be in both training and test",
}


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    """What a model was trained on. The text comes from the bundle, which may come from anybody."""

    trained_on: Literal["nothing", "synthetic", "images"]
    rows: tuple[tuple[str, str], ...]
    """Names and values, in the order in which they are shown."""


def model_facts(config: BundleConfig) -> ModelFacts:
    """Return what a bundle's config.json says; anything in it may be missing."""
    training = config.training
    if not training:
        return ModelFacts(trained_on="nothing", rows=(("Model", _model(config)),))
    rows = (
        ("Trained on", _data(training)),
        ("Split", _split(training)),
        ("Initial weights", _initial_weights(training)),
        ("Model", _model(config)),
    )
    synthetic = bool(_mapping(training, "data").get("synthetic"))
    return ModelFacts(trained_on="synthetic" if synthetic else "images", rows=tuple(row for row in rows if row[1]))


def _data(training: Mapping[str, Any]) -> str:
    """Return the data set, its options and its size, such as "BreakHis, magnification 40, 1,197 images"."""
    data, split = _mapping(training, "data"), _mapping(training, "split")
    options = [f"{name} {value}" for name, value in _mapping(data, "options").items() if value is not None]
    images, patients = (_mapping(split, key).get("train") for key in ("images", "patients"))
    invented = "invented " if data.get("synthetic") else ""
    units = ((images, "images"), (patients, f"{invented}patients"))
    counts = [f"{count:,} {unit}" for count, unit in units if _is_count(count)]
    name = str(data.get("name", "data that the bundle does not name"))
    return ", ".join([name, *options, *filter(None, [" of ".join(counts)])])


def _split(training: Mapping[str, Any]) -> str:
    unit = _mapping(training, "split").get("unit")
    return SPLITS.get(str(unit), f"by {unit}") if unit else ""


def _initial_weights(training: Mapping[str, Any]) -> str:
    used = _mapping(training, "init").get("used")
    if not used:
        return ""
    return "random" if used == "scratch" else f"pretrained on {used}"


def _model(config: BundleConfig) -> str:
    """Return the model's name and size, such as "resnet20, 0.27 million parameters"."""
    count: Any = config.training.get("parameters")
    size = f", {count / 1e6:.2g} million parameters" if _is_count(count) else ""
    return f"{config.entry}{size}"


def _mapping(mapping: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """Return the value of a key; an empty mapping if it is missing or not a mapping."""
    value = mapping.get(key)
    return value if isinstance(value, Mapping) else {}


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
