"""What a model learned from, in a few words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from zoo.classifier import BundleConfig

SPLITS = {
    "patient": "by patient",
    "image": "by image, so a patient may stand on both sides",
}


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a model's knowledge comes from; the values are a stranger's text."""

    kind: Literal["untrained", "synthetic", "images"]
    facts: tuple[tuple[str, str], ...]


def model_facts(config: BundleConfig) -> Origin:
    """Read it from the bundle's config, which may lack anything."""
    training = config.training
    if not training:
        return Origin(kind="untrained", facts=(("Model", _model(config)),))
    facts = (
        ("Trained on", _data(training)),
        ("Split", _split(training)),
        ("Began from", _beginning(training)),
        ("Model", _model(config)),
    )
    synthetic = bool(_part(training, "data").get("synthetic"))
    return Origin(kind="synthetic" if synthetic else "images", facts=tuple(fact for fact in facts if fact[1]))


def _data(training: Mapping[str, Any]) -> str:
    data, split = _part(training, "data"), _part(training, "split")
    options = [f"{name} {value}" for name, value in _part(data, "options").items() if value is not None]
    images, patients = (_part(split, key).get("train") for key in ("images", "patients"))
    made_up = "made-up " if data.get("synthetic") else ""
    units = ((images, "images"), (patients, f"{made_up}patients"))
    counted = [f"{count:,} {unit}" for count, unit in units if _counts(count)]
    size = f"{counted[0]} of {counted[1]}" if len(counted) > 1 else "".join(counted)
    return ", ".join([str(data.get("name", "data that the bundle does not name")), *options, *filter(None, [size])])


def _split(training: Mapping[str, Any]) -> str:
    unit = _part(training, "split").get("unit")
    return SPLITS.get(str(unit), f"by {unit}") if unit else ""


def _beginning(training: Mapping[str, Any]) -> str:
    used = _part(training, "init").get("used")
    if not used:
        return ""
    return "random weights" if used == "scratch" else f"weights trained on {used}"


def _model(config: BundleConfig) -> str:
    count: Any = config.training.get("parameters")
    size = f", {count / 1e6:.2g} million parameters" if _counts(count) else ""
    return f"{config.entry}{size}"


def _part(mapping: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """A part that should be a mapping; empty where it is something else."""
    part = mapping.get(key)
    return part if isinstance(part, Mapping) else {}


def _counts(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
