"""The provenance of weights, as config.json states it under `training`: data, split, recipe, what training found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from zoo.config.plain import INLINE
from zoo.config.recipe import Recipe
from zoo.config.train_config import Init
from zoo.data.split.leakage import Leak
from zoo.data.split.split import Unit
from zoo.metrics.metrics_file import DatasetInfo
from zoo.spec import Scalar


@dataclass(frozen=True, kw_only=True)
class TrainingDataset(DatasetInfo):
    """The data set that a model was trained on."""

    options: Mapping[str, Scalar]
    """Options of the data source, such as `magnification`."""
    images: Mapping[str, int]
    """The number of images of each class."""
    unreadable: int
    """The number of files that were left out because they cannot be read."""


@dataclass(frozen=True, kw_only=True)
class PartSizes:
    """How many images, or patients, are in each part of a split."""

    train: int
    val: int
    test: int


@dataclass(frozen=True, kw_only=True)
class TrainingSplit:
    """How the images were split, and all that is needed to make the split again from the data."""

    unit: Unit
    """What is kept in one part: all images of a patient, or each image alone; `fixed`: the data or a file decide."""
    seed: int
    fractions: tuple[float, float, float]
    folds: int | None
    """The number of folds of a cross-validation; None without one."""
    fold: int
    """The fold that was tested on, from 0."""
    file: bool
    """Whether a file decided the split; it is not in the bundle."""
    images: PartSizes
    patients: PartSizes | None
    """None when the patients are not known."""
    leak: Leak | None
    """None when no patient is in the test part and in another one."""


@dataclass(frozen=True, kw_only=True)
class InitialWeights:
    """The weights that training started from."""

    asked: Init
    used: str
    """`scratch`, or what the pretrained weights were trained on."""
    repo: str | None = None
    revision: str | None = None
    licence: str | None = None
    note: str | None = None
    """Why training started from scratch where nobody asked for that."""


@dataclass(frozen=True, kw_only=True)
class Versions:
    """The software that trained a model."""

    histozoo: str
    torch: str
    python: str


@dataclass(frozen=True, kw_only=True)
class TrainingOutcome:
    """What a training found, and the time, memory and energy that it took."""

    epochs_run: int
    best_epoch: int
    """The epoch whose weights were kept, from 1."""
    seconds: float
    seconds_to_best: float
    images_per_second: float
    """The median over the epochs."""
    peak_memory_bytes: int | None
    energy_joules: float | None


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """All that a bundle states about the training of its weights."""

    recipe: Recipe
    data: TrainingDataset
    split: TrainingSplit
    seed: int
    init: InitialWeights
    parameters: int
    """The number of trained numbers in the network."""
    device: str
    """How it was computed, in words."""
    versions: Versions
    outcome: TrainingOutcome = field(metadata=INLINE)
