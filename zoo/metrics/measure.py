"""Measures of predictions, with intervals."""

from __future__ import annotations

from collections.abc import Sequence

from numpy.typing import ArrayLike

from zoo.errors import UsageError
from zoo.metrics.intervals import LEVEL, bootstrap_intervals
from zoo.metrics.one_class import one_class_note
from zoo.metrics.point_estimates import point_estimates
from zoo.metrics.predictions import check_predictions
from zoo.metrics.result import Result
from zoo.metrics.weighted_measures import WeightedMeasures

_MIN_RESAMPLES = 40
"""With fewer resamples, none would be beyond each end of the interval."""


def measure(
    *,
    labels: ArrayLike,
    logits: ArrayLike | None = None,
    probabilities: ArrayLike | None = None,
    classes: Sequence[str],
    groups: Sequence[str] | None = None,
    resamples: int = 2000,
    seed: int = 0,
) -> Result:
    """Return every measure of these predictions, each with a 95 % percentile bootstrap interval.

    Args:
        labels: The true class of each sample, as an index into `classes`.
        logits: The outputs of a network: one row for each sample and one column for each class, or a single column for
            two classes (a sigmoid output). Better than probabilities, which are rounded to 1 and then tie.
        probabilities: In place of logits: one row for each sample and one column for each class.
        classes: The names of the classes; of two, the last is the positive one.
        groups: The patient of each sample. Images of one patient resemble each other, so patients are resampled where
            they are known, and images otherwise.
        resamples: How many bootstrap resamples are drawn; 0 leaves the intervals out.
        seed: Seed of the resampling.
    """
    if 0 < resamples < _MIN_RESAMPLES or resamples < 0:
        raise UsageError(
            f"{resamples} resamples are too few for a 95 % interval",
            hint=f"use at least {_MIN_RESAMPLES}, or 0 for values without intervals",
        )
    if seed < 0:
        raise UsageError(f"a seed cannot be negative: {seed}")
    samples = check_predictions(
        labels=labels, logits=logits, probabilities=probabilities, classes=classes, groups=groups
    )
    measures = WeightedMeasures(samples)
    estimates = point_estimates(samples, measures)
    constant = one_class_note(estimates.confusion.tolist(), samples.classes)
    intervals = bootstrap_intervals(samples, measures, estimates.values, resamples=resamples, seed=seed)
    return Result(
        classes=samples.classes,
        positive=samples.classes[1] if len(samples.classes) == 2 else None,
        samples=len(samples.labels),
        groups=None if groups is None else int(samples.units.max()) + 1,
        values=estimates.values,
        per_class=estimates.per_class,
        confusion=tuple(tuple(row) for row in estimates.confusion.tolist()),
        intervals=intervals.pairs,
        reasons=estimates.reasons | intervals.reasons,
        notes=(*([constant] if constant else []), *intervals.notes),
        unit=samples.unit,
        level=LEVEL,
        resamples=resamples,
        seed=seed,
    )
