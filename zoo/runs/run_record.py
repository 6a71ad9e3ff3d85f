"""run.yaml: what a run was asked for, what that came to, and how it went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from zoo.bundle.provenance import InitialWeights, TrainingDataset, TrainingOutcome, TrainingSplit
from zoo.config.plain import OPTIONAL, from_plain
from zoo.config.recipe import Recipe
from zoo.config.train_config import TrainConfig
from zoo.errors import ZooError
from zoo.spec import Preprocessing, Scalar
from zoo.text import quoted

FORMAT = 2
Status = Literal["running", "interrupted", "failed", "finished"]


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """What the names and the choices left open in a configuration came to."""

    recipe: Recipe
    model_options: Mapping[str, Scalar]
    data_options: Mapping[str, Scalar]
    preprocessing: Preprocessing
    device: str
    precision: Literal["float32", "bfloat16"]
    layout: Literal["channels_last", "contiguous"]
    computing: str
    """How it is computed, with reasons, in one line."""
    processes: int
    threads: int | None = field(default=None, metadata=OPTIONAL)
    """The number of threads of each process on a CPU: a run is resumed with as many, to the same bits."""


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """Everything needed to do a run again, to see whether anything has changed since, and to know how it ended."""

    format: int = FORMAT
    status: Status
    started: str
    ended: str | None = None
    error: str | None = None
    config: TrainConfig
    resolved: Resolved
    code: Mapping[str, str]
    """What computes the numbers: packages and their versions or hashes."""
    data: TrainingDataset
    split: TrainingSplit
    split_digest: str
    """Changes when any image moves to another part."""
    unreadable: Mapping[str, str]
    """Images that could not be read, and why."""
    initial_weights: InitialWeights | None = None
    outcome: TrainingOutcome | None = None
    """What the training found out; None until it has ended."""

    @classmethod
    def read(cls, document: Any) -> RunRecord:
        """Return the record in a document; a ValueError says what is wrong with it."""
        if isinstance(document, Mapping) and document.get("format") != FORMAT:
            raise ValueError(f"format {quoted(document.get('format'))}; this version reads format {FORMAT}")
        try:
            return from_plain(cls, document)
        except ZooError as error:
            raise ValueError(error.message) from error
