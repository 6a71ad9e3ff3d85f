"""results.json of a benchmark: what was trained, what came out, and the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from zoo.classifier.cost import Cost
from zoo.config.plain import OPTIONAL, from_plain, plain
from zoo.config.reproduction_config import Budget
from zoo.errors import RunError
from zoo.files import read_json, write_json
from zoo.metrics.metrics_file import StressTest
from zoo.metrics.paired import Difference
from zoo.metrics.result import Interval

FILE = "results.json"
FORMAT = 1
MAX_BYTES = 64_000_000
SHOWN = ("balanced_accuracy", "auroc")
"""The measures of each model; metrics.json of a run has all."""


@dataclass(frozen=True, kw_only=True)
class OverRuns:
    """A measure over the runs of a model."""

    mean: float
    deviation: float | None
    """The standard deviation between the runs; None for one."""
    interval: Interval | None
    """The 95 % interval of the mean, over patients and runs, or over the folds of a cross-validation."""


@dataclass(frozen=True, kw_only=True)
class Extras:
    """What is measured after training, with the first run of a model."""

    cost: Cost | None = field(default=None, metadata=OPTIONAL)
    stress: StressTest | None = field(default=None, metadata=OPTIONAL)


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    """A model in one part."""

    part: str
    model: str
    runs: int
    parameters: int | None
    initial_weights: str
    seconds: float | None
    """The mean duration of a training."""
    images_per_second: float | None
    """The mean speed of training."""
    peak_memory_bytes: int | None
    """The largest memory of a training; of the GPU, if there is one."""
    measures: Mapping[str, OverRuns]
    """By the name of the measure; without those that are undefined in a run."""
    beside_baseline: Difference | None
    """The main measure minus that of the simple model on the same images; None if a run has none beside it."""
    error_before: float | None
    """The expected calibration error of the network's own probabilities; the mean over the runs."""
    error: float | None
    """That of the calibrated probabilities."""
    extras: Extras
    one_class: int | None = field(default=None, metadata=OPTIONAL)
    """How many of the runs gave all test images the same class; None if none did."""


@dataclass(frozen=True, kw_only=True)
class TestedPair:
    """Two models of a part, or the same model in two parts, on the same images."""

    __test__ = False  # not a test, for pytest

    part: str
    model: str | None
    """The model, if the two are parts."""
    first: str
    second: str
    images: int
    patients: int | None
    differences: Mapping[str, Difference]
    """The first minus the second, by the name of the measure."""
    corrected_p: float | None
    """The p-value in balanced accuracy, corrected for the number of pairs of this part (Holm)."""

    @property
    def name(self) -> str:
        """The pair, as text."""
        of = f"{self.model}: " if self.model else ""
        return f"{of}{self.first} minus {self.second}"


@dataclass(frozen=True, kw_only=True)
class PartFacts:
    """A part: its question and answer, and the images that it was measured on."""

    name: str
    question: str
    answer: str
    """One sentence."""
    models: tuple[str, ...]
    against: str | None
    split: str
    """What the split keeps together: patient or image."""
    recipe: str
    settings: Mapping[str, Any]
    """The changed settings of the recipe, and other keywords of `zoo.train_many`."""
    runs: int
    """The number of finished runs."""
    of: int
    """The number of all runs."""
    images: Mapping[str, int]
    """The number of images of each part of the split; empty without a finished run."""
    patients: Mapping[str, int]
    """The number of patients of each part; empty if they are not known."""
    shared_patients: int
    """The number of test patients who are in training or validation too."""
    computing: str


@dataclass(frozen=True, kw_only=True)
class BenchmarkResults:
    """The contents of results.json."""

    format: int = FORMAT
    version: str
    """That of histozoo."""
    protocol: str
    title: str
    obtain: str
    unit: str
    limits: tuple[str, ...]
    budget: Budget
    init: str
    seeds: int
    data: str | None
    """The name of the data set; None without a finished run."""
    synthetic: bool
    classes: Mapping[str, int]
    """The number of images of each class."""
    parts: tuple[PartFacts, ...]
    models: tuple[ModelFacts, ...]
    pairs: tuple[TestedPair, ...]
    failures: Mapping[str, str]
    """The errors of runs that are missing, by part and run; empty for a run that was not started or was stopped."""

    def write(self, folder: Path) -> None:
        """Write results.json."""
        write_json(folder / FILE, plain(self))


def read_benchmark_results(folder: Path) -> BenchmarkResults:
    """Return the contents of results.json in the folder of a benchmark."""
    try:
        return from_plain(BenchmarkResults, read_json(folder / FILE, at_most=MAX_BYTES))
    except (OSError, ValueError) as error:
        raise RunError(f"{FILE} cannot be read: {error}", where=str(folder)) from error
