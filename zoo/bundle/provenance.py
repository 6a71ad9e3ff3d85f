"""The provenance of weights, as in config.json under `training`: data, split, recipe and outcome of the training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from zoo.config.plain import INLINE, OPTIONAL
from zoo.config.recipe import Recipe
from zoo.data.split.identical import IdenticalImages
from zoo.data.split.leakage import Leak
from zoo.data.split.owners import Unit
from zoo.metrics.metrics_file import DatasetInfo
from zoo.metrics.scale_change import ImageScale
from zoo.spec import Scalar

TRAINED_ELSEWHERE = "trained elsewhere, it is not known on what"
"""What is said of a model that histozoo has not trained, such as one of timm, or that was then trained further."""
SYNTHETIC_ANSWERS = "trained on synthetic images, drawn by a program: the answers say nothing about tissue"
"""What is said with every answer of a model that was trained on synthetic images."""


@dataclass(frozen=True, kw_only=True)
class TrainingDataset(DatasetInfo):
    """The data set that a model was trained on."""

    options: Mapping[str, Scalar]
    """Options of the data source, such as `magnification`."""
    images: Mapping[str, int]
    """The number of images of each class."""
    unreadable: int
    """The number of files that were left out because they cannot be read."""
    scale: ImageScale | None = field(default=None, metadata=OPTIONAL)
    """The magnifications and the size of the images; None in documents of an older version."""


@dataclass(frozen=True, kw_only=True)
class PartSizes:
    """The number of images, or of patients, in each part of a split."""

    train: int
    val: int
    test: int


@dataclass(frozen=True, kw_only=True)
class TrainingSplit:
    """How the images were split, with everything needed to repeat the split."""

    unit: Unit
    """What is assigned to one part as a whole: a patient or an image; `fixed` if the data or a file state the parts."""
    seed: int
    fractions: tuple[float, float, float]
    folds: int | None
    """The number of folds of a cross-validation; None if there is no cross-validation."""
    fold: int
    """The fold that was tested on, counted from 0."""
    file: bool
    """Whether a file stated the split. The file is not in the bundle."""
    images: PartSizes
    patients: PartSizes | None
    """None if the patients are not known."""
    identical: IdenticalImages | None
    """None if no image occurs twice."""
    leak: Leak | None
    """None if neither a patient nor an image is in both the test part and another part."""

    @property
    def shared_patients(self) -> int:
        """The number of test patients who are also in training or validation, as far as patients are known."""
        return self.leak.patients if self.leak else 0


@dataclass(frozen=True, kw_only=True)
class InitialModel:
    """The trained model whose weights training started from."""

    name: str
    """A Hub id, or the name of the folder; not its path, which says more than others need to know."""
    entry: str
    sha256: str
    """The hash of its weights."""
    data: str | None
    """The name of the data set that it was trained on; None if it was not trained."""
    synthetic: bool
    """Whether these images were drawn by a program."""
    head: Literal["kept", "replaced"]
    """Whether its head was kept, or replaced by a fresh one since the classes differ."""
    differences: tuple[str, ...]
    """What else differs from the new model, such as the size of the images."""
    seen: str | None
    """The hash of the record of the images that it has seen; None if it was not trained."""
    fresh_head: bool | None = field(default=None, metadata=OPTIONAL)
    """Whether its head had been replaced by a fresh one since it was trained; None if not."""
    trained_elsewhere: bool | None = field(default=None, metadata=OPTIONAL)
    """Whether it had been trained by other means than histozoo since, so that it is not known on what; None if not."""


@dataclass(frozen=True, kw_only=True)
class InitialWeights:
    """The weights that training started from."""

    asked: str
    """The choice of the user; of a trained model its name, as in `model`."""
    used: str
    """`scratch`, or what the pretrained weights were trained on."""
    repo: str | None = None
    revision: str | None = None
    license: str | None = None
    note: str | None = None
    """Why training started from scratch, if the user did not request it."""
    fresh: tuple[str, ...] | None = None
    """The names of the parameters and buffers without pretrained weights; None if training started from scratch."""
    model: InitialModel | None = field(default=None, metadata=OPTIONAL)
    """The trained model that the weights are from; None if they are not from one."""


@dataclass(frozen=True, kw_only=True)
class Versions:
    """The software that trained a model."""

    histozoo: str
    torch: str
    python: str


@dataclass(frozen=True, kw_only=True)
class TrainingOutcome:
    """The outcome of a training, with the time, memory and energy used."""

    epochs_run: int
    best_epoch: int
    """The epoch with the weights that were kept, counted from 1."""
    seconds: float
    seconds_to_best: float
    images_per_second: float
    """The median of the speed over the epochs."""
    peak_memory_bytes: int | None
    energy_joules: float | None


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Everything that a bundle states about the training of its weights."""

    recipe: Recipe
    data: TrainingDataset
    split: TrainingSplit
    seed: int
    init: InitialWeights
    parameters: int
    """The number of parameters of the network."""
    device: str
    """The device, precision and memory layout, as one line."""
    versions: Versions
    outcome: TrainingOutcome = field(metadata=INLINE)
