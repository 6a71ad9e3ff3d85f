"""The result of a comparison of several models on the same images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.metrics.paired import Difference
from zoo.metrics.result import Interval, Unit

if TYPE_CHECKING:
    from zoo.classifier.cost import Cost


@dataclass(frozen=True, kw_only=True)
class ModelResult:
    """The measures of one model: the mean over its trainings."""

    name: str
    runs: tuple[str, ...]
    """The trainings that count."""
    parameters: int | None
    values: Mapping[str, float | None]
    deviations: Mapping[str, float]
    """The standard deviation between the trainings; empty for one."""
    intervals: Mapping[str, Interval]
    """Of a model with one training, over patients, or over images if these are not known; empty for several."""
    beside_baseline: Mapping[str, Difference] = field(default_factory=dict)
    """Each measure minus that of the simple model that was fitted on the same training images; empty if not known."""
    cost: Cost | None = None
    """What a prediction costs; None if it was not measured."""


@dataclass(frozen=True, kw_only=True)
class McNemar:
    """McNemar's test. It counts every image as independent of the others, which those of one patient are not."""

    only_first_right: int
    """The number of images that only the first model calls right."""
    only_second_right: int
    p: float
    """Exact, by the binomial distribution."""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Two models, the better one first."""

    first: str
    second: str
    differences: Mapping[str, Difference]
    """The first model's measure minus the second's, by the name of the measure."""
    corrected_p: float | None
    """The p-value of the difference in balanced accuracy, corrected for the number of pairs (Holm)."""
    agreement: float
    """The share of images that both call the same; the mean over all pairs of trainings."""
    mcnemar: McNemar | None
    """None unless each model was trained once for each image."""
    first_not_worse: bool | None
    """Whether the first model is not worse than the second by more than the margin; None without a margin."""
    second_not_worse: bool | None
    """Whether the second model is not worse than the first by more than the margin; None without a margin."""


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """An image that the models answer differently."""

    key: str
    label: str
    patient: str | None
    answers: Mapping[str, str]
    """The predicted class, by model; of several trainings, by their mean log odds."""
    probabilities: Mapping[str, float]
    """The probability of the true class, by model."""
    path: Path | None = None
    """The file, if it is known."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Models on the same images, the best first."""

    data: str
    synthetic: bool
    leaked: bool
    """Whether one of the models was trained or validated on some of these images or their patients."""
    images: int
    patients: int | None
    trainings: str
    """How often each model was trained, and on how many splits."""
    models: tuple[ModelResult, ...]
    pairs: tuple[Pair, ...]
    """All pairs of models, those of the best model first."""
    disagreements: tuple[Disagreement, ...]
    """The images on which the models differ most, the largest difference first."""
    margin: float | None
    """The margin of non-inferiority."""
    sentence: str
    """The answer."""
    notes: tuple[str, ...]
    """What is missing, or means less than it seems to."""

    @property
    def unit(self) -> Unit:
        """Whose spread the intervals show."""
        return "image" if self.patients is None else "patient"

    @property
    def with_best(self) -> tuple[Pair, ...]:
        """The pairs of the best model with each other one."""
        return tuple(pair for pair in self.pairs if pair.first == self.models[0].name)
