"""metrics.json: the measures of a model, and the images that they were computed on."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from zoo.config.plain import OPTIONAL, from_plain
from zoo.files import read_json
from zoo.metrics.result import Result

Part = Literal["train", "val", "test"]
"""The name of a part of a split."""
MAX_BYTES = 64_000_000
"""The size in bytes of the largest metrics.json that is read; with a thousand classes it has 15 million."""


@dataclass(frozen=True, kw_only=True)
class DatasetInfo:
    """The data set that a model was trained or evaluated on."""

    source: str
    """The name of the data source, such as `breakhis`."""
    name: str
    """The data set's name for a reader, such as "BreakHis 40X"."""
    synthetic: bool
    """Whether the images were drawn by a program."""
    fingerprint: str
    """A hash of every image's name, label, patient and bytes."""


@dataclass(frozen=True, kw_only=True)
class EvaluatedPart:
    """The part of a data set that was evaluated: one of a split, or all of it."""

    unit: Literal["patient", "image", "fixed"] | None = field(default=None, metadata=OPTIONAL)
    """What the split keeps in one part; None when all images were evaluated."""
    seed: int | None = field(default=None, metadata=OPTIONAL)
    """The seed of the split; None when all images were evaluated."""
    part: Literal[Part, "all"]

    def __post_init__(self) -> None:
        split = {"unit": self.unit, "seed": self.seed}
        wrong = [name for name, value in split.items() if (value is None) != (self.part == "all")]
        if wrong:
            what = "must be missing if all images were evaluated" if self.part == "all" else "is missing"
            raise ValueError(f"{wrong[0]} {what}")


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """The contents of metrics.json. `zoo.config.plain` writes it."""

    data: DatasetInfo
    split: EvaluatedPart
    training_seed: int | None
    """The seed that the model was trained with; None for a model that was not trained."""
    measures: Result


def read_metrics(path: Path) -> Metrics:
    """Return the contents of a metrics.json file.

    Raises:
        OSError: The file cannot be read.
        ValueError: The file is not a valid metrics.json; the message names the key that is wrong.
    """
    return from_plain(Metrics, read_json(path, at_most=MAX_BYTES))
