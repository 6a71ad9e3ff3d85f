"""Mean, standard deviation and interval of one measure over several runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from zoo.metrics.result import LEVEL, Interval
from zoo.metrics.student_t import student_t

SAME = 1e-12
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
    values: Sequence[float], *, held_out: float = 0.0, bounds: Interval = (-math.inf, math.inf)
) -> AcrossRuns:
    """Return mean, standard deviation and interval of one measure over several runs.

    The runs of a cross-validation, or of several random splits, share most of their training data, so they are not
    independent: Student's interval, mean ± t * s * sqrt(1/n), is then too narrow. Nadeau and Bengio, "Inference for the
    Generalization Error", Machine Learning 52 (2003), replace 1/n by 1/n + n_test/n_train. t has n - 1 degrees of
    freedom. docs/statistics.md says what the interval shows, docs/simulations.md how often it contains the true value.

    Args:
        values: The measure's value in each run.
        held_out: n_test/n_train, or 0 for runs that differ only in the training seed and share one test part.
        bounds: The smallest and largest possible value of the measure; the interval is clipped to them.
    """
    runs = len(values)
    mean = math.fsum(values) / runs
    if runs == 1:
        return AcrossRuns(runs=1, mean=mean, deviation=None, interval=None, reason="no interval: one run has no spread")
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (runs - 1))
    if max(values) - min(values) <= SAME:
        return AcrossRuns(
            runs=runs, mean=mean, deviation=0.0, interval=None, reason="no interval: the same in every run"
        )
    reach = student_t(runs - 1, LEVEL) * deviation * math.sqrt(1 / runs + held_out)
    low, high = bounds
    interval = (max(mean - reach, low), min(mean + reach, high))
    return AcrossRuns(runs=runs, mean=mean, deviation=deviation, interval=interval)


def interval_over_units_and_runs(
    values: Sequence[float], intervals: Sequence[Interval | None], *, bounds: Interval = (-math.inf, math.inf)
) -> Interval | None:
    """Return the interval of a mean over runs that were tested on the same patients; None if a run has no interval.

    It covers both the choice of patients and that of the training seed. The standard error of the mean over patients is
    at most the mean of the runs' own (all are tested on the same patients, so their errors may go together), and that
    over seeds is Student's; the two distances are added as squares. The interval is too wide rather than too narrow.

    Args:
        values: The measure's value in each run.
        intervals: The interval of each run over its test patients.
        bounds: The smallest and largest possible value of the measure.
    """
    known = [interval for interval in intervals if interval is not None]
    if not values or len(known) < len(values):
        return None
    across = summarize_runs(values)
    spread = (across.deviation or 0.0) / math.sqrt(across.runs)
    reach = student_t(across.runs - 1, LEVEL) * spread if spread else 0.0
    down = math.fsum(value - low for value, (low, _) in zip(values, known, strict=True)) / across.runs
    up = math.fsum(high - value for value, (_, high) in zip(values, known, strict=True)) / across.runs
    low, high = bounds
    return max(across.mean - math.hypot(down, reach), low), min(across.mean + math.hypot(up, reach), high)
