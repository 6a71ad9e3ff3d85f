"""What summarise_runs runs say together: their mean, their spread, and an interval for what the mean estimates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from zoo.metrics.result import Interval

LEVEL = 0.95
_SAME = 1e-12


@dataclass(frozen=True, kw_only=True)
class AcrossRuns:
    """One measure over summarise_runs runs. What cannot be had is None, and `reason` says why."""

    runs: int
    mean: float
    deviation: float | None
    """The sample's standard deviation: the square root of the sum of squares over runs - 1."""
    interval: Interval | None
    reason: str = ""


def summarise_runs(
    values: Sequence[float], *, held_out: float = 0.0, bounds: Interval = (-math.inf, math.inf), level: float = LEVEL
) -> AcrossRuns:
    """Summarise one measure of summarise_runs runs.

    Runs of a cross-validation, or of summarise_runs splits, share most of their training data and so are no independent
    sample: Student's interval, mean ± t * s * sqrt(1/n), is then too narrow. Nadeau and Bengio, "Inference for the
    Generalization Error", Machine Learning 52 (2003), put 1/n + n_test/n_train in the place of 1/n; `held_out` is that
    n_test/n_train. It is 0 for runs that differ in the seed of the training alone, all with the same images held out.

    The interval is cut at `bounds`, outside of which the measure cannot lie. t has n - 1 degrees of freedom.
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
    reach = _student(runs - 1, level) * deviation * math.sqrt(1 / runs + held_out)
    low, high = bounds
    interval = (max(mean - reach, low), min(mean + reach, high))
    return AcrossRuns(runs=runs, mean=mean, deviation=deviation, interval=interval)


def _student(freedom: int, level: float) -> float:
    """The point that |t| stays below with this probability."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, (1 + level) / 2))
