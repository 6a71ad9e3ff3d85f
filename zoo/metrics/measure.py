"""One call from predictions to measures."""

from __future__ import annotations

from collections.abc import Sequence

from numpy.typing import ArrayLike

from zoo.errors import UsageError
from zoo.metrics.intervals import LEVEL, intervals
from zoo.metrics.point_estimates import point
from zoo.metrics.predictions import check_predictions
from zoo.metrics.result import Result

_FEWEST = 40
"""With fewer, not one resample lies beyond each end of the interval."""


def measure(
    *,
    labels: ArrayLike,
    probabilities: ArrayLike,
    classes: Sequence[str],
    groups: Sequence[str] | None = None,
    resamples: int = 2000,
    seed: int = 0,
) -> Result:
    """Measure predictions, each value with a 95 % percentile bootstrap interval.

    `probabilities` has a row a sample and a column a class; of two classes the last is the positive one.
    Images of one patient resemble each other: name the patients in `groups`, and patients are resampled
    instead of images. `resamples=0` leaves the intervals out.
    """
    if 0 < resamples < _FEWEST or resamples < 0:
        raise UsageError(
            f"{resamples} resamples are too few for a 95 % interval",
            hint=f"at least {_FEWEST}, or 0 for values without intervals",
        )
    if seed < 0:
        raise UsageError(f"a seed cannot be negative: {seed}")
    samples = check_predictions(labels=labels, probabilities=probabilities, classes=classes, groups=groups)
    found = point(samples)
    around = intervals(samples, found, resamples=resamples, seed=seed)
    return Result(
        classes=samples.classes,
        positive=samples.classes[1] if len(samples.classes) == 2 else None,
        samples=len(samples.labels),
        groups=None if groups is None else int(samples.units.max()) + 1,
        values=found.values,
        per_class=found.per_class,
        confusion=tuple(tuple(row) for row in found.confusion.tolist()),
        intervals=around.pairs,
        reasons=found.reasons | around.reasons,
        notes=tuple(around.notes),
        unit=samples.unit,
        level=LEVEL,
        resamples=resamples,
        seed=seed,
    )
