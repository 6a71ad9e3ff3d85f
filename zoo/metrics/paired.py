"""The difference of two models on the same images, with an interval that covers other patients and other trainings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zoo.metrics.intervals import LEVEL
from zoo.metrics.jackknife import jackknife
from zoo.metrics.predictions import Predictions
from zoo.metrics.result import Interval
from zoo.metrics.strata import MIN_UNITS, strata, units_of_classes
from zoo.metrics.student_t import student_t
from zoo.metrics.unit_measures import UnitMeasures


@dataclass(frozen=True, kw_only=True)
class PairedDifference:
    """One measure of two models on the same images, each the mean over its trainings, and their difference."""

    first: float
    second: float
    difference: float
    """The first less the second."""
    interval: Interval | None
    reason: str = ""
    """Why there is no interval."""


def paired_difference(
    first: Sequence[Predictions], second: Sequence[Predictions], *, measure: str
) -> PairedDifference | None:
    """Return the difference of two models; None if the measure is undefined.

    The variance is the sum of two: that between patients, from the jackknife of the mean difference, and that between
    trainings, from the differences of the pairs. Satterthwaite's degrees of freedom join them.

    Args:
        first: The predictions of the first model, one for each training.
        second: Those of the second one, in pairs with the first: on the same images, with the same seed.
        measure: The measure, such as `accuracy`.
    """
    measures = [(UnitMeasures(one), UnitMeasures(other)) for one, other in zip(first, second, strict=True)]
    values = np.array([[one.values()[measure], other.values()[measure]] for one, other in measures])
    if np.isnan(values).any():
        return None
    means, differences = values.mean(axis=0), values[:, 0] - values[:, 1]
    interval, reason = _interval(first[0], measures, differences, measure)
    return PairedDifference(
        first=float(means[0]),
        second=float(means[1]),
        difference=float(differences.mean()),
        interval=interval,
        reason=reason,
    )


def _interval(
    samples: Predictions, measures: Sequence[tuple[UnitMeasures, UnitMeasures]], differences: np.ndarray, measure: str
) -> tuple[Interval | None, str]:
    """Return the interval of the mean difference, or why there is none."""
    has = units_of_classes(samples)
    stratum = strata(has)
    if np.bincount(stratum).min() < max(2, MIN_UNITS) or (has.sum(axis=0) < MIN_UNITS).any():
        return None, f"no interval: fewer than {MIN_UNITS} {samples.unit}s of a class"
    without = np.mean(
        [
            one.without_each_unit(stratum)[measure] - other.without_each_unit(stratum)[measure]
            for one, other in measures
        ],
        axis=0,
    )
    if np.isnan(without).any():
        return None, f"no interval: undefined without one of the {samples.unit}s"
    parts = [jackknife(without, stratum)]
    if len(differences) > 1:
        parts.append((float(differences.var(ddof=1)) / len(differences), len(differences) - 1.0))
    variance = sum(one for one, _ in parts)
    if not variance:
        return None, f"no interval: the same for every {samples.unit}"
    degrees = variance**2 / sum(one**2 / freedom for one, freedom in parts if one)
    reach = student_t(max(degrees, 1.0), LEVEL) * math.sqrt(variance)
    middle = float(differences.mean())
    return (max(middle - reach, -1.0), min(middle + reach, 1.0)), ""
