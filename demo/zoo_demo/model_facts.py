"""What a model learned from, in a few words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from zoo.classifier import BundleConfig, Provenance

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
    """Return what a bundle's config.json says."""
    training = config.training
    if training is None:
        return Origin(kind="untrained", facts=(("Model", config.entry),))
    facts = (
        ("Trained on", _data(training)),
        ("Split", SPLITS.get(training.split.unit, f"by {training.split.unit}")),
        ("Began from", _initial_weights(training)),
        ("Model", f"{config.entry}, {training.parameters / 1e6:.2g} million parameters"),
    )
    return Origin(kind="synthetic" if training.data.synthetic else "images", facts=facts)


def _data(training: Provenance) -> str:
    """Return the data set, its options and its size, such as "BreakHis, magnification 40, 1,197 images"."""
    data, split = training.data, training.split
    options = [f"{name} {value}" for name, value in data.options.items() if value is not None]
    made_up = "made-up " if data.synthetic else ""
    patients = f" of {split.patients.train:,} {made_up}patients" if split.patients else ""
    return ", ".join([data.name, *options, f"{split.images.train:,} images{patients}"])


def _initial_weights(training: Provenance) -> str:
    used = training.init.used
    return "random weights" if used == "scratch" else f"weights trained on {used}"
