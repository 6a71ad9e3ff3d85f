"""A short description of the training of a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from zoo.classifier import TRAINED_ELSEWHERE, BundleConfig, Provenance
from zoo_demo.sizes import millions

SPLITS = {
    "patient": "by patient",
    "image": "by image, so one patient's images may be in both training and test",
    "fixed": "given by the data or by a file",
}


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    """A short description of the training of a model. The text is from the bundle, which may be from anyone."""

    trained_on: Literal["nothing", "synthetic", "images", "unknown"]
    rows: tuple[tuple[str, str], ...]
    """Names and values, in the order in which they are shown."""


def model_facts(config: BundleConfig) -> ModelFacts:
    """Return the facts in the config.json of a bundle."""
    training, earlier = config.training, config.earlier_training
    if training is None or config.trained_elsewhere:
        known = [] if earlier is None else [_data(earlier)]
        since = [TRAINED_ELSEWHERE] if config.elsewhere else []
        head = ["its head was replaced"] if config.fresh_head else []
        data = "; then ".join([*known, *since, *head])
        rows = (*((("Trained on", data),) if data else ()), ("Model", config.entry))
        return ModelFacts(trained_on="unknown" if config.trained_elsewhere else "nothing", rows=rows)
    rows = (
        ("Trained on", _data(training)),
        ("Split", SPLITS.get(training.split.unit, f"by {training.split.unit}")),
        ("Initial weights", _initial_weights(training)),
        ("Model", f"{config.entry}, {millions(training.parameters)} million parameters"),
    )
    return ModelFacts(trained_on="synthetic" if training.data.synthetic else "images", rows=rows)


def _data(training: Provenance) -> str:
    """Return the data set, its options and its size, such as "BreakHis, magnification 40, 1,197 images"."""
    data, split = training.data, training.split
    options = [f"{name} {value}" for name, value in data.options.items() if value is not None]
    invented = "invented " if data.synthetic else ""
    patients = f" of {split.patients.train:,} {invented}patients" if split.patients else ""
    return ", ".join([data.name, *options, f"{split.images.train:,} images{patients}"])


def _initial_weights(training: Provenance) -> str:
    used = training.init.used
    if training.init.model is not None:
        return f"those of a {used}"
    return "random" if used == "scratch" else f"pretrained on {used}"
