"""Mean, standard deviation and interval of one measure over several runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from zoo.metrics.result import Interval
from zoo.metrics.student_t import student_t

LEVEL = 0.95
_SAME = 1e-12
"""Values that differ by less count as equal."""


@dataclass(frozen=True, kw_only=True)
class AcrossRuns:
    """One measure over several runs. What cannot be computed is None, and `reason` says why."""

    runs: int
    mean: float
    deviation: float | None
    """The sample standard deviation: the square root of the sum of squares over runs - 1."""
    interval: Interval | None
    reason: str = ""


def summarize_runs(
    values: Sequence[float], *, held_out: float = 0.0, bounds: Interval = (-math.inf, math.inf), level: float = LEVEL
) -> AcrossRuns:
    """Return mean, standard deviation and interval of one measure over several runs.

    The runs of a cross-validation, or of several random splits, share most of their training data, so they are not
    independent: Student's interval, mean ± t * s * sqrt(1/n), is then too narrow. Nadeau and Bengio, "Inference for the
    Generalization Error", Machine Learning 52 (2003), replace 1/n by 1/n + n_test/n_train. t has n - 1 degrees of
    freedom. docs/statistics.md says what the interval shows, and how often it contains the true value.

    Args:
        values: The measure's value in each run.
        held_out: n_test/n_train, or 0 for runs that differ only in the training seed and share one test part.
        bounds: The smallest and largest possible value of the measure; the interval is clipped to them.
        level: The confidence level.
    """
    runs = len(values)
    mean = math.fsum(values) / runs
    if runs == 1:
        return AcrossRuns(runs=1, mean=mean, deviation=None, interval=None, reason="no interval: one run has no spread")
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (runs - 1))
    if max(values) - min(values) <= _SAME:
        return AcrossRuns(
            runs=runs, mean=mean, deviation=0.0, interval=None, reason="no interval: the same in every run"
        )
    reach = student_t(runs - 1, level) * deviation * math.sqrt(1 / runs + held_out)
    low, high = bounds
    interval = (max(mean - reach, low), min(mean + reach, high))
    return AcrossRuns(runs=runs, mean=mean, deviation=deviation, interval=interval)
