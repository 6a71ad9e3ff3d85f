"""Every measure of the zoo, in the order in which they are listed; registered through the same hook as anybody's.

This is the only place where a measure is declared. `zoo.metrics.computed_measures` has its function under its name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from zoo.plugins.hookspecs import hookimpl
from zoo.spec import Measure, RestsOn


def _measure(name: str, **given: Any) -> Measure:
    """Return a measure of the zoo."""
    return Measure(name=name, measure=f"zoo.metrics.computed_measures:{name}", **given)


def _mean_of(of: str, mean: str, title: str, what: str, *, rests_on: RestsOn = "every class") -> Measure:
    """Return a mean over the classes of a measure of one class."""
    how = {
        "macro": "the mean over the classes",
        "weighted": "the mean over the classes, weighted by their images",
        "minority": "that of the class with the fewest images in the whole data set",
        "positive": "with two classes, that of the last one; with more, the mean over the classes",
    }[mean]
    plain = mean == "positive" or (mean == "weighted" and of in ("gmean", "iba"))
    return _measure(
        of if plain else f"{of}_{mean}",
        title=title,
        summary=f"{what}; {how}",
        rests_on=rests_on,
        headline=plain,
    )


PRECISION = "of the images predicted as a class, the fraction that belong to it"
RECALL = "of the images of a class, the fraction that are predicted as it"
SPECIFICITY = "of the images of the other classes, the fraction that are not predicted as the class"
F1 = "the harmonic mean of precision and recall"
GMEAN = "the geometric mean of recall and specificity"
IBA = "the index of balanced accuracy: the squared G-mean times 1 + 0.1 (recall - specificity)"

MEASURES: tuple[Measure, ...] = (
    _measure(
        "balanced_accuracy",
        title="balanced accuracy",
        summary="the mean over the classes of the fraction of their images that are classified correctly",
        headline=True,
    ),
    _measure(
        "accuracy",
        title="accuracy",
        summary="the fraction of the images that are classified correctly",
        rests_on="all",
        headline=True,
    ),
    _measure(
        "auroc",
        title="AUROC",
        summary="the area under the ROC curve: how often an image of the class has a higher score than one of another "
        "class",
        all_or_none=True,
        headline=True,
    ),
    _measure(
        "average_precision",
        title="average precision",
        summary="the area under the curve of precision and recall, without interpolation",
        all_or_none=True,
        headline=True,
    ),
    _mean_of("precision", "positive", "precision", PRECISION),
    _mean_of("recall", "positive", "recall (sensitivity)", RECALL, rests_on="positive class"),
    _mean_of("specificity", "positive", "specificity", SPECIFICITY, rests_on="negative class"),
    _mean_of("f1", "positive", "F1", F1),
    _mean_of("gmean", "weighted", "G-mean (weighted)", GMEAN),
    _mean_of("iba", "weighted", "IBA (weighted)", IBA),
    _measure(
        "mcc",
        title="MCC",
        summary="Matthews' correlation coefficient between truth and prediction, from -1 to 1; 0 is chance",
        scale="correlation",
    ),
    _measure(
        "cohen_kappa",
        title="Cohen's kappa",
        summary="the agreement of truth and prediction beyond chance, up to 1; 0 is chance",
        scale="correlation",
    ),
    _measure(
        "loss",
        title="loss",
        summary="the cross entropy: the mean of -log(p) of the true class",
        higher_is_better=False,
        rests_on="all",
        scale="amount",
        headline=True,
    ),
    _measure(
        "brier",
        title="Brier score",
        summary="half the mean squared distance between the probabilities and the truth, from 0 to 1; "
        "with two classes, the mean of (p - y)²",
        higher_is_better=False,
        rests_on="all",
    ),
    _measure(
        "calibration_error",
        title="calibration error (ECE)",
        summary="the expected calibration error: the mean gap between the probability of the most probable class and "
        "how often it is right, over 15 groups of equally many images with similar probabilities",
        higher_is_better=False,
        rests_on="all",
        no_interval="ECE is biased upward in small samples",
        headline=True,
    ),
    _measure(
        "patient_recognition_rate",
        title="patient recognition rate",
        summary="the mean over the patients of the fraction of their images that are classified correctly, as BreakHis "
        "defines it",
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


@hookimpl
def zoo_register_measures(register: Callable[[Measure], None]) -> None:
    """Register the measures of the zoo."""
    for measure in MEASURES:
        register(measure)
