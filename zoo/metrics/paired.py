"""The differences between two models on the same samples, with intervals, tests, and what could have been seen.

Both models see the same patients, so a difference varies much less from one choice of patients to the next than the
measures themselves. Its variance is that of the jackknife over the differences without each patient, and with several
trainings of each model that between trainings is added. For the area under the ROC curve this is close to the method of
DeLong for patients with several images (Obuchowski, Biometrics 53, 1997), and for accuracy to McNemar's test for such
patients. benchmarks/paired_tests.py measures how often the intervals contain the true difference, and how often two
equally good models are called different.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zoo.metrics.intervals import LEVEL, too_few
from zoo.metrics.jackknife import jackknife
from zoo.metrics.predictions import FloatArray, Predictions
from zoo.metrics.result import Interval
from zoo.metrics.strata import strata, units_of_classes
from zoo.metrics.student_t import student_t
from zoo.metrics.unit_measures import UnitMeasures

POWER = 0.8
"""With this probability, a difference of the detectable size is found by the test."""
_SAME = 1e-12


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One measure of two models on the same samples, each the mean over its trainings, and their difference."""

    first: float
    second: float
    value: float
    """The first less the second."""
    interval: Interval | None
    p: float | None
    """The probability of a difference at least as large, in either direction, between equally good models."""
    detectable: float | None
    """The smallest true difference that these patients would have shown with a probability of 80 %."""
    reason: str = ""
    """Why there is no interval."""


def paired_differences(
    first: Sequence[Predictions], second: Sequence[Predictions], *, minority: int | None = None
) -> dict[str, Difference]:
    """Return the difference of each measure that both models have.

    Args:
        first: The predictions of one model, one for each training.
        second: Those of the other model, in pairs with the first: for the same samples in the same groups.
        minority: The class of `f1_minority`; by default the one with the fewest samples.
    """
    has = units_of_classes(first[0])
    for one in (*first, *second):
        if len(one.labels) != len(first[0].labels) or not np.array_equal(units_of_classes(one), has):
            raise ValueError("the predictions are not for the same samples")
    stratum = strata(has)
    measures = [[UnitMeasures(one, minority=minority) for one in model] for model in (first, second)]
    values = [[one.values() for one in model] for model in measures]
    without = [[one.without_each_unit(stratum) for one in model] for model in measures]
    found = {}
    for measure in measures[0][0].declared:
        name = measure.name
        means = [[row[name] for row in model] for model in values]
        if not np.isnan(means).any():
            left_out = [np.array([row[name] for row in model]) for model in without]
            found[name] = _difference(
                np.array(means),
                left_out[0] - left_out[1],
                stratum,
                too_few(measure, first[0], has),
                first[0].unit,
                measure.scale.top - measure.scale.low,
            )
    return found


def _difference(
    means: FloatArray, without: FloatArray, stratum: np.ndarray, reason: str, unit: str, largest: float
) -> Difference:
    """Return the difference of one measure.

    Args:
        means: The measure of each training, [2 models, trainings].
        without: The differences without each unit, [trainings, units].
        stratum: The stratum of each unit.
        reason: Why there is no interval, if that is known already.
        unit: What the units are.
        largest: The largest possible difference.
    """
    first, second = means.mean(axis=1)
    differences = means[0] - means[1]
    average = without.mean(axis=0)
    parts: list[tuple[float, float]] = []
    if not reason and np.isnan(average).any():
        reason = f"undefined without one of the {unit}s"
    if not reason:
        parts.append(jackknife(average, stratum) if np.ptp(average) > _SAME else (0.0, 1.0))
        if len(differences) > 1:
            parts.append((float(differences.var(ddof=1)) / len(differences), len(differences) - 1.0))
    variance = sum(one for one, _ in parts)
    if not reason and variance <= _SAME**2:
        reason = f"the same for every {unit}"
    if reason:
        return Difference(
            first=float(first),
            second=float(second),
            value=float(first - second),
            interval=None,
            p=None,
            detectable=None,
            reason=f"no interval: {reason}",
        )
    degrees = max(variance**2 / sum(one**2 / freedom for one, freedom in parts if one), 1.0)
    return _tested(float(first), float(second), math.sqrt(variance), degrees, largest)


def _tested(first: float, second: float, error: float, degrees: float, largest: float) -> Difference:
    """Return a difference with its interval and test, from its standard error and degrees of freedom."""
    from scipy.special import stdtr

    value, quantile = first - second, student_t(degrees, LEVEL)
    reach = quantile * error
    return Difference(
        first=first,
        second=second,
        value=value,
        interval=(max(value - reach, -largest), min(value + reach, largest)),
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
