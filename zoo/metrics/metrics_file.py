"""metrics.json: the measures of a model, and the images that they were computed on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from zoo.config.plain import OPTIONAL, from_plain
from zoo.files import read_json
from zoo.metrics.breakdown import Breakdown
from zoo.metrics.calibration_result import CalibrationResult
from zoo.metrics.coverage import CoverageResult
from zoo.metrics.novelty_result import NoveltyResult
from zoo.metrics.outputs import Outputs
from zoo.metrics.paired import Difference
from zoo.metrics.patient_answers import PatientAnswers
from zoo.metrics.result import Interval, Result
from zoo.metrics.scale_change import ScaleChange
from zoo.metrics.split_method import split_method
from zoo.text import counted

MAIN = "balanced_accuracy"
"""The measure by which models are compared and ranked."""
SYNTHETIC_NUMBERS = "Synthetic images: they were drawn by a program, and the numbers say nothing about tissue."
"""What is said beside every number that was measured on synthetic images."""
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
    folds: int | None = field(default=None, metadata=OPTIONAL)
    """The number of folds of a cross-validation; None if there is no cross-validation."""
    fold: int | None = field(default=None, metadata=OPTIONAL)
    """The fold that is the test part, counted from 0."""
    file: bool | None = field(default=None, metadata=OPTIONAL)
    """True if a file stated the split."""
    left_out: int | None = field(default=None, metadata=OPTIONAL)
    """The number of images that were left out of the part, since a model had seen them whose weights training started
    from; None if it started from no trained model."""
    images_hash: str | None = field(default=None, metadata=OPTIONAL)
    """A hash of the names and bytes of the measured images: models were measured on the same ones if it is the same. It
    names no image. None in a file of an older version."""

    def __post_init__(self) -> None:
        split = {"unit": self.unit, "seed": self.seed}
        wrong = [name for name, value in split.items() if (value is None) != (self.part == "all")]
        if wrong:
            what = "must be missing if all images were evaluated" if self.part == "all" else "is missing"
            raise ValueError(f"{wrong[0]} {what}")

    @property
    def method(self) -> str:
        """How the split was made, to follow the word "split"; empty if all images were evaluated."""
        if self.unit is None:
            return ""
        method = split_method(unit=self.unit, seed=self.seed, folds=self.folds, fold=self.fold, file=self.file)
        seen = f", without {counted(self.left_out, 'image')} that the initial model had seen" if self.left_out else ""
        return f"{method}{seen}"


PatientsCompared = Literal["by name", "not known", "another data set", "other people"]
"""How patients were compared with those of the training: by name; not at all, since the patients of one of the two data
sets are not known; since the two are different data sets; or since the user says that they are other people."""
_NOT_COMPARED = {
    "by name": "",
    "not known": "patients could not be compared, since they are not known",
    "another data set": "patients' names were not compared with those of another data set",
    "other people": "patients' names were not compared, as requested",
}


@dataclass(frozen=True, kw_only=True)
class SeenImages:
    """The images that the model was trained or validated on, or whose patient it was, among those of the evaluation."""

    known: bool
    """Whether it is known what the model was trained on. If not, it may have seen any of the images."""
    images: int = 0
    """The number of images that the model has seen: identical ones, or others of the same patient."""
    identical: int = 0
    """The number of these that are identical to an image of the training: the file, or all pixels, are the same."""
    patients: int | None = None
    """The number of patients that the model has seen; None if patients were not compared."""
    compared: PatientsCompared = "not known"
    measured: bool = False
    """Whether these images were measured too, or left out."""

    def __post_init__(self) -> None:
        if not 0 <= self.identical <= self.images or (self.patients is not None and self.patients < 0):
            raise ValueError("images, identical and patients must be numbers of images and patients")

    @property
    def leaked(self) -> bool:
        """Whether images that the model has seen were measured, which makes the results too good."""
        return self.measured and self.images > 0

    def __str__(self) -> str:
        if not self.known and not self.leaked:
            unknown = "it is not known what this model was trained on, so it may have seen any of these images"
            return f"{unknown}; those that it is known to have seen are {self.images:,}" if self.images else unknown
        facts = [f"identical images: {self.identical:,}"]
        if self.patients is not None:
            facts.append(f"patients of the same name: {self.patients:,}")
        facts.append(_NOT_COMPARED[self.compared])
        of_patients = "" if self.patients is None else " or on their patients"
        others = "it may have seen others too, since the record of what it was trained on is incomplete"
        return (
            f"the model was trained or validated on {self.images:,} of these images{of_patients} "
            f"({'; '.join(filter(None, facts))}){'' if self.known else f'; {others}'}"
        )


@dataclass(frozen=True, kw_only=True)
class BaselineResult:
    """The measures of a simple model on the same images, and how much better the network is."""

    images: int
    """How many training images the simple model was fitted on."""
    largest_class: float
    """The accuracy of always naming the class with the most evaluated images."""
    measures: Result
    differences: Mapping[str, Difference]
    """The network's measure minus that of the simple model, by the name of the measure."""

    @property
    def doubt(self) -> str:
        """Why the network may not be worth it, as a sentence; empty if it is better, or if nothing was measured."""
        value, found = self.measures.values.get(MAIN), self.differences.get(MAIN)
        if value is None or found is None or (found.interval is not None and found.interval[0] > 0):
            return ""
        return (
            f"A logistic regression on colors and textures reaches {value:.3f} on the same images: {_verdict(found)}."
        )

    def __str__(self) -> str:
        value, found = self.measures.values.get(MAIN), self.differences.get(MAIN)
        text = "a logistic regression on colors and textures, fitted on the same training images, has "
        if value is None or found is None:
            return f"{text}no balanced accuracy on these images"
        text += f"balanced accuracy {value:.3f}"
        if found.value == 0:
            return f"{text}, the same as the network"
        if found.interval is None:
            return f"{text}, {abs(found.value):.3f} {'less' if found.value >= 0 else 'more'} than the network"
        return f"{text}; {_verdict(found)}"


def _verdict(found: Difference) -> str:
    """Return whether a network is better than the simple model, with the difference and its interval."""
    interval = found.interval
    if interval is not None and interval[0] > 0:
        return f"the network is better by {found.value:.3f} (95 % {interval[0]:.3f} to {interval[1]:.3f})"
    if interval is not None and interval[1] < 0:
        verdict = "the network is worse"
    else:
        verdict = "the logistic regression scores higher, but " * (found.value < 0) + "no difference was shown"
    spread = f" (95 % {interval[0]:+.3f} to {interval[1]:+.3f})" if interval else ""
    return f"{verdict}: network minus baseline {found.value:+.3f}{spread}"


@dataclass(frozen=True, kw_only=True)
class StressPoint:
    """A measure at one strength of a degradation."""

    strength: float
    value: float | None
    interval: Interval | None


@dataclass(frozen=True, kw_only=True)
class StressCurve:
    """A measure at all strengths of one degradation, from weak to strong."""

    name: str
    unit: str
    """What the strength means."""
    points: tuple[StressPoint, ...]
    loses_five_points_at: float | None
    """The strength at which the measure is 0.05 below that of unchanged images, between the tested strengths by linear
    interpolation; None if it never is."""


@dataclass(frozen=True, kw_only=True)
class StressTest:
    """How a measure changes with degraded images."""

    measure: str
    value: float
    """Of the unchanged images."""
    robustness: float
    """The mean of the measure over all strengths of all degradations."""
    curves: tuple[StressCurve, ...]

    def __str__(self) -> str:
        lost = [curve for curve in self.curves if curve.loses_five_points_at is not None]
        weakest = ", ".join(f"{curve.name} {curve.loses_five_points_at:.2g}" for curve in lost)
        return (
            f"robustness {self.robustness:.3f}: the mean {self.measure.replace('_', ' ')} over all degradations, "
            f"{self.value:.3f} without; 5 points are lost at {weakest or 'none of the tested strengths'}"
        )


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """The contents of metrics.json. `zoo.config.plain` writes it."""

    data: DatasetInfo
    split: EvaluatedPart
    training_seed: int | None
    """The seed that the model was trained with; None for a model that was not trained."""
    measures: Result
    seen: SeenImages | None = field(default=None, metadata=OPTIONAL)
    """What the model has seen of the images in its training; None for a model that was not trained."""
    baseline: BaselineResult | None = field(default=None, metadata=OPTIONAL)
    """A logistic regression on statistics of color and texture; None for a model that has none in its bundle."""
    stress: StressTest | None = field(default=None, metadata=OPTIONAL)
    """What degraded images do to the main measure; None if that was not tested."""
    patients: PatientAnswers | None = field(default=None, metadata=OPTIONAL)
    """The measures of one answer for each patient; None in documents of an older version."""
    breakdowns: tuple[Breakdown, ...] | None = field(default=None, metadata=OPTIONAL)
    """The measures by columns of the manifest; None if none was requested."""
    class_map: Mapping[str, str] | None = field(default=None, metadata=OPTIONAL)
    """The model's class for each class of the data; None if they have the same classes."""
    scale: ScaleChange | None = field(default=None, metadata=OPTIONAL)
    """How the magnification and the size of the images differ from those of the training; None if they do not."""
    calibration: CalibrationResult | None = field(default=None, metadata=OPTIONAL)
    """How logits became probabilities and labels; None in a file of an older version, which had no calibration."""
    novelty: NoveltyResult | None = field(default=None, metadata=OPTIONAL)
    """How many images are unlike the training images; None for a model that cannot tell."""
    coverage: CoverageResult | None = field(default=None, metadata=OPTIONAL)
    """How often prediction sets contain the true class; None if no coverage was asked for."""

    @property
    def temperature(self) -> float:
        """What logits were divided by."""
        return 1.0 if self.calibration is None else self.calibration.divisor

    @property
    def threshold(self) -> float:
        """Of two classes, the second was predicted if its probability was above this."""
        found = None if self.calibration is None else self.calibration.threshold
        return 0.5 if found is None else found

    def outputs(
        self, *, labels: NDArray[np.integer], logits: NDArray[np.floating], groups: Sequence[str] | None
    ) -> Outputs:
        """Return outputs for the measured images, with the calibration that they were measured with."""
        measures = self.measures
        return Outputs(
            labels=labels,
            logits=logits,
            classes=measures.classes,
            groups=groups,
            minority=measures.minority,
            temperature=self.temperature,
            threshold=self.threshold,
        )


def read_metrics(path: Path) -> Metrics:
    """Return the contents of a metrics.json file.

    Raises:
        OSError: The file cannot be read.
        ValueError: The file is not a valid metrics.json; the message names the key that is wrong.
    """
    return from_plain(Metrics, read_json(path, at_most=MAX_BYTES))
