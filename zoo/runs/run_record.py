"""run.yaml, typed: the configuration of a run, its resolved values, and its outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum
from typing import Any, Literal

from zoo.bundle.provenance import InitialWeights, TrainingDataset, TrainingOutcome, TrainingSplit
from zoo.config.plain import OPTIONAL, from_plain, plain
from zoo.config.recipe import Recipe
from zoo.config.train_config import TrainConfig
from zoo.errors import ZooError
from zoo.spec import Preprocessing, Scalar
from zoo.text import quoted

FORMAT = 2
Status = Literal["running", "interrupted", "failed", "finished"]


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """The values that names and automatic choices in a configuration were resolved to."""

    recipe: Recipe
    model_options: Mapping[str, Scalar]
    data_options: Mapping[str, Scalar]
    preprocessing: Preprocessing
    device: str
    precision: Literal["float32", "bfloat16"]
    layout: Literal["channels_last", "contiguous"]
    computing: str
    """The choices of device, precision and layout with their reasons, as one line."""
    processes: int
    threads: int | None = field(default=None, metadata=OPTIONAL)
    """The number of threads of each process on a CPU: a run is resumed with as many, to the same bits."""


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """Everything needed to repeat a run and to see what has changed since, and the outcome of the run."""

    format: int = FORMAT
    status: Status
    started: str
    ended: str | None = None
    error: str | None = None
    config: TrainConfig
    resolved: Resolved
    code: Mapping[str, str]
    """The code that the results depend on: packages with their versions or hashes."""
    data: TrainingDataset
    split: TrainingSplit
    split_digest: str
    """A hash of the part of each image."""
    unreadable: Mapping[str, str]
    """The images that could not be read, with the reasons."""
    initial_weights: InitialWeights | None = None
    outcome: TrainingOutcome | None = None
    """The outcome of the training; None until it has ended."""

    @property
    def fixed(self) -> dict[str, Any]:
        """Everything on which the results depend, as plain values. It is the same from the first session to the last.

        Where the run, the data and the split file are is not a part of it: their contents are compared.
        """
        document: dict[str, Any] = plain(self)
        for name in ("status", "started", "ended", "error", "outcome"):
            del document[name]
        config = document["config"]
        del config["session"], config["split_file"], config["data"]["root"]
        return document

    @classmethod
    def read(cls, document: Any) -> RunRecord:
        """Return the record in a document; a ValueError names the key that is wrong."""
        if isinstance(document, Mapping) and document.get("format") != FORMAT:
            raise ValueError(
                f"it has format {quoted(document.get('format'))}, but this version of histozoo reads format {FORMAT}"
            )
        try:
            return from_plain(cls, document)
        except ZooError as error:
            raise ValueError(error.message) from error


def held_out_share(records: Sequence[RunRecord]) -> float:
    """Return the number of test images for each training image of some runs; 0 if all have the same split.

    Validation images do not count as training images, which makes intervals wider.
    """
    if len({record.split_digest for record in records}) < 2:
        return 0.0
    images = [record.split.images for record in records]
    return fsum(part.test / part.train for part in images) / len(images)
