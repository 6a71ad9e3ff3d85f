"""What the measures may be where a class is all right or all wrong, so that its images show no spread.

If none of n is wrong, the share that is right is at least a^(1/n) with confidence 1 - a (Clopper and Pearson,
Biometrika 26, 1934; with a = 0.05 and large n, 1 - 3/n). The same holds for a class that is all wrong.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from zoo.metrics.predictions import FloatArray, IntArray
from zoo.metrics.strata import resting_units
from zoo.metrics.unit_measures import UnitMeasures, values_of_counts


def limit(count: int, level: float) -> float:
    """Return the smallest share that is compatible with `count` of `count`."""
    return float(((1 - level) / 2) ** (1 / count))


def values_at_limits(
    measures: UnitMeasures, counts: FloatArray | IntArray, *, level: float
) -> list[Mapping[str, FloatArray]]:
    """Return the measures with each certain class at its limit, one class at a time.

    Args:
        measures: The measures.
        counts: The number of observations of each class: of its patients, or of its images.
        level: The confidence level.
    """
    return [
        values_of_counts(
            _changed(measures.confusion, {index: limit(int(counts[index]), level)}), minority=measures.minority
        )
        for index in _certain(measures.confusion)
    ]


def values_at_common_limit(measures: UnitMeasures, count: int, *, level: float) -> list[Mapping[str, FloatArray]]:
    """Return the measures with all classes at the limit of `count` patients, if all classes are right, or all wrong."""
    certain, right = _certain(measures.confusion), np.diagonal(measures.confusion)
    present = int((measures.confusion.sum(axis=1) > 0).sum())
    if len(certain) < present or len({bool(right[index]) for index in certain}) > 1:
        return []
    shares = dict.fromkeys(certain, limit(count, level))
    return [values_of_counts(_changed(measures.confusion, shares), minority=measures.minority)]


def limits_of_all_or_none(
    measures: UnitMeasures, values: Mapping[str, float | None], units: IntArray, *, level: float
) -> list[Mapping[str, FloatArray]]:
    """Return the limits of measures of 0 or 1 that do not follow from counts, such as an area under the ROC curve.

    They are those of as many patients as the measure rests on, that are all right, or all wrong.

    Args:
        measures: The measures.
        values: Their values.
        units: Which classes each unit has, [units, classes].
        level: The confidence level.
    """
    found = {}
    for measure in measures.declared:
        value = values.get(measure.name)
        count, _ = resting_units(measure.rests_on, units)
        if measure.all_or_none and value in (0, 1) and count:
            found[measure.name] = np.asarray(abs(value - 1 + limit(count, level)))
    return [found] if found else []


def _certain(confusion: FloatArray) -> list[int]:
    """Return the classes of which all images are right, or all are wrong."""
    support, right = confusion.sum(axis=1), np.diagonal(confusion)
    return [int(index) for index in np.flatnonzero((support > 0) & ((right == support) | (right == 0)))]


def _changed(confusion: FloatArray, shares: Mapping[int, float]) -> FloatArray:
    """Return a confusion matrix in which a share of each class's images stays, and the others are moved.

    Images that become wrong are spread evenly over the other classes.
    """
    changed = confusion.copy()
    for index, share in shares.items():
        support = confusion[index].sum()
        if confusion[index, index]:
            changed[index] = (1 - share) * support / (len(confusion) - 1)
            changed[index, index] = share * support
        else:
            changed[index] *= share
            changed[index, index] = (1 - share) * support
    return np.asarray(changed)
