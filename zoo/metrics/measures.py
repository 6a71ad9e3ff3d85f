"""Every measure, in the order in which they are listed. This is the only place where a measure is declared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from zoo.metrics.auroc import UnitAuroc
from zoo.metrics.average_precision import UnitAveragePrecision
from zoo.metrics.formulas import accuracy, cohen_kappa, mcc
from zoo.metrics.measure_functions import ClassMean, ClassMeasure, Mean, MeasureFunction, OfCounts, OfRanks, OfSums
from zoo.metrics.probability_measures import (
    brier_sums,
    calibration_error,
    calibration_sums,
    loss_sums,
    mean,
    patients_not_known,
    recognition_sums,
)
from zoo.metrics.scale import FISHER, LOGARITHM, LOGIT, Scale
from zoo.metrics.undefined import Present

RestsOn = Literal["all", "every class", "positive class", "negative class"]


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One measure of predictions."""

    name: str
    """Its key in metrics.json."""
    title: str
    """Its name for a reader."""
    summary: str
    """What it is, in one sentence."""
    higher_is_better: bool = True
    function: MeasureFunction
    rests_on: RestsOn = "every class"
    """Whose patients must be numerous enough for an interval: those of every class; of the positive or the negative one
    of two classes; or all, whatever their class."""
    scale: Scale = LOGIT
    """The scale of its interval, with the smallest and the largest possible value."""
    all_or_none: bool = False
    """Whether 1 (or 0) means that no (or every) patient has an error, so that its limit is that of n of n patients. A
    measure that follows from counts is computed at that limit instead."""
    headline: bool = False
    """Whether it is among the few that the terminal shows."""


def _undefined_correlation(present: Present) -> str:
    return present.only_class or present.only_prediction


def _undefined_kappa(present: Present) -> str:
    return present.only_class if present.only_prediction else ""


def _mean_of(of: ClassMeasure, mean: Mean, title: str, what: str, *, rests_on: RestsOn = "every class") -> Measure:
    """Return a mean over the classes of a measure of one class."""
    how = {
        "macro": "the mean over the classes",
        "weighted": "the mean over the classes, weighted by their images",
        "minority": "that of the class with the fewest images in the whole data set",
        "positive": "that of the last of two classes, or the mean over more",
    }[mean]
    plain = mean == "positive" or (mean == "weighted" and of in ("gmean", "iba"))
    return Measure(
        name=of if plain else f"{of}_{mean}",
        title=title,
        summary=f"{what}; {how}",
        function=ClassMean(of=of, mean=mean),
        rests_on=rests_on,
        headline=plain,
    )


PRECISION = "the share of the images called a class that are of it"
RECALL = "the share of the images of a class that are called it"
SPECIFICITY = "the share of the images of the other classes that are not called the class"
F1 = "the harmonic mean of precision and recall"
GMEAN = "the geometric mean of recall and specificity"
IBA = "the index of balanced accuracy: the squared G-mean times 1 + 0.1 (recall - specificity)"

MEASURES: tuple[Measure, ...] = (
    Measure(
        name="balanced_accuracy",
        title="balanced accuracy",
        summary="the mean over the classes of the share of their images that is right",
        function=ClassMean(of="recall", mean="macro"),
        headline=True,
    ),
    Measure(
        name="accuracy",
        title="accuracy",
        summary="the share of the images that is right",
        function=OfCounts(formula=accuracy),
        rests_on="all",
        headline=True,
    ),
    Measure(
        name="auroc",
        title="AUROC",
        summary="the area under the ROC curve: how often an image of the class has a higher score than another one",
        function=OfRanks(area=UnitAuroc),
        all_or_none=True,
        headline=True,
    ),
    Measure(
        name="average_precision",
        title="average precision",
        summary="the area under the curve of precision and recall, without interpolation",
        function=OfRanks(area=UnitAveragePrecision),
        all_or_none=True,
        headline=True,
    ),
    _mean_of("precision", "positive", "precision", PRECISION),
    _mean_of("recall", "positive", "recall (sensitivity)", RECALL, rests_on="positive class"),
    _mean_of("specificity", "positive", "specificity", SPECIFICITY, rests_on="negative class"),
    _mean_of("f1", "positive", "F1", F1),
    _mean_of("gmean", "weighted", "G-mean (weighted)", GMEAN),
    _mean_of("iba", "weighted", "IBA (weighted)", IBA),
    Measure(
        name="mcc",
        title="MCC",
        summary="Matthews' correlation coefficient between truth and prediction, from -1 to 1; 0 is chance",
        function=OfCounts(formula=mcc, why_undefined=_undefined_correlation),
        scale=FISHER,
    ),
    Measure(
        name="cohen_kappa",
        title="Cohen's kappa",
        summary="the agreement of truth and prediction beyond chance, up to 1; 0 is chance",
        function=OfCounts(formula=cohen_kappa, why_undefined=_undefined_kappa),
        scale=FISHER,
    ),
    Measure(
        name="loss",
        title="loss",
        summary="the cross entropy: the mean of -log(p) of the right class",
        higher_is_better=False,
        function=OfSums(sums=loss_sums, formula=mean),
        rests_on="all",
        scale=LOGARITHM,
        headline=True,
    ),
    Measure(
        name="brier",
        title="Brier score",
        summary="half the mean squared distance between the probabilities and the truth, from 0 to 1; "
        "with two classes the mean of (p - y)²",
        higher_is_better=False,
        function=OfSums(sums=brier_sums, formula=mean),
        rests_on="all",
    ),
    Measure(
        name="calibration_error",
        title="calibration error (ECE)",
        summary="the expected calibration error: the mean gap between the probability of the most probable class and "
        "how often it is right, over 15 groups of equally many images",
        higher_is_better=False,
        function=OfSums(sums=calibration_sums, formula=calibration_error),
        rests_on="all",
        headline=True,
    ),
    Measure(
        name="patient_recognition_rate",
        title="patient recognition rate",
        summary="the mean over the patients of the share of their images that is right, as BreakHis defines it",
        function=OfSums(sums=recognition_sums, formula=mean, why_undefined=patients_not_known),
        rests_on="all",
        all_or_none=True,
    ),
    _mean_of("precision", "macro", "precision (macro)", PRECISION),
    _mean_of("recall", "macro", "recall (macro)", RECALL),
    _mean_of("specificity", "macro", "specificity (macro)", SPECIFICITY),
    _mean_of("f1", "macro", "F1 (macro)", F1),
    _mean_of("gmean", "macro", "G-mean (macro)", GMEAN),
    _mean_of("iba", "macro", "IBA (macro)", IBA),
    _mean_of("precision", "weighted", "precision (weighted)", PRECISION),
    _mean_of("recall", "weighted", "recall (weighted)", RECALL, rests_on="all"),
    _mean_of("specificity", "weighted", "specificity (weighted)", SPECIFICITY),
    _mean_of("f1", "weighted", "F1 (weighted)", F1),
    _mean_of("f1", "minority", "F1 (rarest class)", F1),
)


def measure_named(name: str) -> Measure | None:
    """Return the measure of a name; None for one that another version of histozoo computed."""
    return _BY_NAME.get(name)


_BY_NAME = {measure.name: measure for measure in MEASURES}
