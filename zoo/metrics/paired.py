"""The differences between two models on the same samples, with intervals, tests, and what could have been seen.

Both models see the same patients, so a difference varies much less from one choice of patients to the next than the
measures themselves. Its variance is that of the jackknife over the differences without each patient. For the area under
the ROC curve this is close to the method of DeLong for patients with several images (Obuchowski, Biometrics 53, 1997),
and for accuracy to McNemar's test for such patients. benchmarks/paired_tests.py measures how often the intervals
contain the true difference, and how often two equally good models are called different.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zoo.metrics.intervals import LEVEL, too_few
from zoo.metrics.jackknife import jackknife
from zoo.metrics.predictions import Predictions
from zoo.metrics.result import Interval
from zoo.metrics.strata import strata, units_of_classes
from zoo.metrics.student_t import student_t
from zoo.metrics.unit_measures import UnitMeasures

POWER = 0.8
"""With this probability, a difference of the detectable size is found by the test."""
_SAME = 1e-12


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The difference of one measure: the first model minus the second."""

    value: float
    interval: Interval | None
    p: float | None
    """The probability of a difference at least as large, in either direction, between equally good models."""
    detectable: float | None
    """The smallest true difference that these patients would have shown with a probability of 80 %."""
    reason: str = ""
    """Why there is no interval."""


def paired_differences(
    first: Predictions, second: Predictions, *, minority: int | None = None, level: float = LEVEL
) -> dict[str, Difference]:
    """Return the difference of each measure that both models have.

    Args:
        first: The predictions of one model.
        second: Those of the other, for the same samples in the same groups.
        minority: The class of `f1_minority`; by default the one with the fewest samples.
        level: The confidence level of the intervals.
    """
    if not np.array_equal(units_of_classes(first), units_of_classes(second)) or len(first.labels) != len(second.labels):
        raise ValueError("the two sets of predictions are not for the same samples")
    measures = [UnitMeasures(one, minority=minority) for one in (first, second)]
    has = units_of_classes(first)
    stratum = strata(has)
    values = [one.values() for one in measures]
    without = [one.without_each_unit(stratum) for one in measures]
    found = {}
    for name in values[0]:
        value = values[0][name] - values[1][name]
        if math.isnan(value):
            continue
        reason = too_few(name, first, has)
        differences = without[0][name] - without[1][name]
        if not reason and np.isnan(differences).any():
            reason = f"undefined without one of the {first.unit}s"
        if not reason and np.ptp(differences) <= _SAME:
            reason = f"the same for every {first.unit}"
        if reason:
            found[name] = Difference(value=value, interval=None, p=None, detectable=None, reason=reason)
            continue
        variance, degrees = jackknife(differences, stratum)
        found[name] = _tested(value, math.sqrt(variance), degrees, level)
    return found


def _tested(value: float, error: float, degrees: float, level: float) -> Difference:
    """Return a difference with its interval and test, from its standard error."""
    from scipy.special import stdtr

    quantile = student_t(degrees, level)
    return Difference(
        value=value,
        interval=(value - quantile * error, value + quantile * error),
        p=float(2 * stdtr(degrees, -abs(value) / error)),
        detectable=(quantile + student_t(degrees, 2 * POWER - 1)) * error,
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values corrected for their number by the method of Holm (Scandinavian Journal of Statistics 6, 1979)."""
    order = np.argsort(p_values, kind="stable")
    corrected = np.empty(len(p_values))
    highest = 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        corrected[index] = highest
    return [float(value) for value in corrected]
