"""results.json: the paper's numbers beside the measured ones, and what each comparison says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from zoo.config.plain import OPTIONAL, from_plain, plain
from zoo.config.reproduction_config import Budget, SplitUnit
from zoo.files import read_json, write_json
from zoo.metrics.result import Interval, Unit

FORMAT = 1
MAX_BYTES = 64_000_000
MAIN = "accuracy"
"""The measure that all papers state: the answer is about it."""
SECONDS = "convergence_seconds"
"""The name among the paper's results of the seconds until the best epoch."""
IntervalOf = Unit | Literal["runs"]
SMOKE_RUN = "smoke run"
"""The reason why no number of a smoke run can be compared."""
Verdict = Literal["agrees", "differs", "not comparable", "failed", "not finished"]


@dataclass(frozen=True, kw_only=True)
class PaperCell:
    """One number of the paper beside the measured one."""

    model: str
    column: str
    split: SplitUnit
    measure: str
    paper: float
    ours: float | None
    """The measured value: of a single run, or the mean of several."""
    interval: Interval | None
    """Of one run: the 95 % interval over the test patients. Of several: the range of 95 % of single runs."""
    interval_of: IntervalOf | None
    """What the interval is computed from the spread of."""
    difference: float | None
    """The measured value minus the paper's."""
    runs: int
    """The number of finished runs."""
    verdict: Verdict
    reasons: tuple[str, ...]
    """Why the cell is not comparable, or the error of a run that failed."""


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    """The number of parameters of a model, and how the zoo reads its row."""

    model: str
    parameters: int | None
    """The number of parameters of the trained network; None if no run is finished."""
    paper_parameters: int | None
    """None if the paper does not state it."""
    initial_weights: str | None
    """What training started from; None if no run is finished."""
    readings: tuple[str, ...]
    """How the zoo reads what the paper leaves open."""


@dataclass(frozen=True, kw_only=True)
class DataFacts:
    """The images that a column was measured on, with one split. What is not known without a finished run is None."""

    column: str
    split: SplitUnit
    name: str | None
    """The name of the data set."""
    images: int | None
    paper_images: int | None
    """The number of images of a complete copy of the paper's data."""
    train_images: int | None
    test_images: int | None
    test_patients: int | None
    shared_patients: int | None
    """The number of test patients who are also in training or validation."""


@dataclass(frozen=True, kw_only=True)
class LeakCell:
    """What a split by image adds to a measure: two models on images that are in the test part of both."""

    model: str
    data: str
    """The name of the column, or of the data set if it stands for all columns."""
    measure: str
    by_image: float | None
    by_patient: float | None
    difference: float | None
    """By image minus by patient."""
    interval: Interval | None
    images: int
    patients: int | None
    reason: str
    """Why there is no difference or no interval."""


@dataclass(frozen=True, kw_only=True)
class Results:
    """The contents of results.json."""

    format: int = FORMAT
    paper: str
    title: str
    budget: Budget
    source: str
    """The name of the data source."""
    synthetic: bool
    splits: tuple[SplitUnit, ...]
    paper_split: SplitUnit
    paper_digits: int | None = field(default=None, metadata=OPTIONAL)
    """How many decimals the paper's numbers have at least."""
    seeds: tuple[int, ...]
    one_for_all: bool
    """Whether the data have no such columns, so that one training stands beside all columns of the paper."""
    device: str | None
    """What the runs were computed on."""
    finished: int
    total: int
    """The numbers of finished and of all runs."""
    answer: str
    cells: tuple[PaperCell, ...]
    models: tuple[ModelFacts, ...]
    data: tuple[DataFacts, ...]
    leak: tuple[LeakCell, ...]
    readings: tuple[str, ...]
    """How the recipe reads what the paper leaves open."""
    left_out: tuple[str, ...]
    """Rows and columns of the paper's table that were not asked for."""
    failures: Mapping[str, str]
    """The errors of failed runs by grid and run; empty for a run that was not started or was stopped."""

    def counts(self, measure: str = MAIN) -> dict[str, int]:
        """Return how many cells of a measure have each verdict."""
        return dict(Counter(cell.verdict for cell in self.cells if cell.measure == measure))

    def write(self, folder: Path) -> None:
        """Write results.json."""
        write_json(folder / "results.json", plain(self))


def read_results(path: Path) -> Results:
    """Return the contents of a results.json file.

    Raises:
        OSError: The file cannot be read.
        ValueError: The file is not a valid results.json; the message names the key that is wrong.
    """
    return from_plain(Results, read_json(path, at_most=MAX_BYTES))
