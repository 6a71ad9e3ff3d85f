"""Measures of predictions, with intervals."""

from __future__ import annotations

from collections.abc import Sequence

from numpy.typing import ArrayLike

from zoo.errors import UnknownNameError
from zoo.metrics.intervals import intervals
from zoo.metrics.one_class import one_class_note
from zoo.metrics.point_estimates import point_estimates
from zoo.metrics.predictions import check_predictions
from zoo.metrics.result import LEVEL, Result
from zoo.metrics.unit_measures import UnitMeasures


def measure(
    *,
    labels: ArrayLike,
    logits: ArrayLike | None = None,
    probabilities: ArrayLike | None = None,
    classes: Sequence[str],
    groups: Sequence[str] | None = None,
    minority: str | None = None,
    temperature: float = 1.0,
    threshold: float = 0.5,
) -> Result:
    """Return every measure of these predictions, each with a 95 % interval.

    The same predictions always have the same intervals: nothing is drawn at random.

    Args:
        labels: The true class of each sample, as an index into `classes`.
        logits: The outputs of a network: one row for each sample and one column for each class, or a single column for
            two classes (a sigmoid output). Better than probabilities, which are rounded to 1 and then tie.
        probabilities: In place of logits: one row for each sample and one column for each class.
        classes: The names of the classes; of two, the last is the positive one.
        groups: The patient of each sample. Images of one patient resemble each other, so the intervals are computed
            from the spread between patients where they are known, and between images otherwise.
        minority: The class of `f1_minority`; by default the one with the fewest of these samples, the first of several.
            Give it when several sets of samples are compared, so that all name the same class.
        temperature: What logits are divided by before they become probabilities. The loss depends on it; AUROC does
            not, since it is computed from the logits as they are.
        threshold: Of two classes, the second is predicted if its probability is above this.
    """
    samples = check_predictions(
        labels=labels,
        logits=logits,
        probabilities=probabilities,
        classes=classes,
        groups=groups,
        temperature=temperature,
        threshold=threshold,
    )
    if minority is not None and minority not in samples.classes:
        raise UnknownNameError("class", minority, samples.classes)
    measures = UnitMeasures(samples, minority=None if minority is None else samples.classes.index(minority))
    estimates = point_estimates(samples, measures)
    constant = one_class_note(estimates.confusion.tolist(), samples.classes)
    found = intervals(samples, measures, estimates.values)
    return Result(
        classes=samples.classes,
        positive=samples.classes[1] if len(samples.classes) == 2 else None,
        minority=samples.classes[measures.minority],
        samples=len(samples.labels),
        groups=None if groups is None else measures.units,
        values=estimates.values,
        per_class=estimates.per_class,
        confusion=tuple(tuple(row) for row in estimates.confusion.tolist()),
        intervals=found.pairs,
        reasons=estimates.reasons | found.reasons,
        notes=(*([constant] if constant else []), *found.notes),
        unit=samples.unit,
        level=LEVEL,
    )
