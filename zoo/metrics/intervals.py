"""The interval of each measure, or the reason why it has none.

What a measure is without each patient shows how much it depends on who the patients are, and from this the jackknife
estimates its variance. The interval is Student's, on the scale of the measure, for most of them log(x / (1 - x)), where
the distribution is closer to symmetric and which the interval cannot leave. docs/simulations.md says how often an
interval contains the true value; benchmarks/coverage_simulation.py measures it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from zoo.metrics.certain import limits_of_all_or_none, values_at_common_limit, values_at_limits
from zoo.metrics.jackknife import jackknife
from zoo.metrics.measure_functions import OfRanks
from zoo.metrics.predictions import FloatArray, IntArray, Predictions
from zoo.metrics.registered_measures import RegisteredMeasure
from zoo.metrics.result import LEVEL, Interval
from zoo.metrics.scale import Scale
from zoo.metrics.strata import MIN_UNITS, resting_units, strata, units_of_classes
from zoo.metrics.student_t import student_t
from zoo.metrics.unit_measures import UnitMeasures
from zoo.text import counted

UNKNOWN_PATIENTS = (
    "the patients are not known; if several images are of one patient, the intervals are too narrow, since images of "
    "one patient resemble each other"
)
_SAME = 1e-12
"""A smaller standard error, relative to the measure, is rounding."""


@dataclass(kw_only=True)
class Intervals:
    """The interval of each measure, the reasons why some have none, and notes for the reader."""

    pairs: dict[str, Interval | None] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def intervals(samples: Predictions, measures: UnitMeasures, values: Mapping[str, float | None]) -> Intervals:
    """Return an interval for each defined value, or the reason why it has none."""
    result = Intervals(pairs=dict.fromkeys(values))
    if samples.unit == "image":
        result.notes.append(UNKNOWN_PATIENTS)
    has = units_of_classes(samples)
    stratum = strata(has)
    without = measures.without_each_unit(stratum)
    by_images = values_at_limits(measures, measures.confusion.sum(axis=1), level=LEVEL)
    by_units = [
        *values_at_limits(measures, has.sum(axis=0), level=LEVEL),
        *values_at_common_limit(measures, len(has), level=LEVEL),
        *limits_of_all_or_none(measures, values, has, level=LEVEL),
    ]
    for measure in measures.declared:
        name, scale = measure.name, measure.scale
        if (value := values[name]) is None:
            continue
        why = why_no_interval(measure, samples, has)
        if not why and np.isnan(without[name]).any():
            why = measures.failures().get(name) or f"undefined without one of the {samples.unit}s"
        halves = isinstance(measure.function, OfRanks)
        pair = None if why else _student(scale, value, without[name], stratum, halves=halves)
        if pair:
            result.pairs[name] = _widened(scale, value, pair, _changes(name, value, by_images))
        elif not why and (changes := _changes(name, value, by_units)):
            result.pairs[name] = (value + min(0, *changes), value + max(0, *changes))
        else:
            result.reasons[name] = f"no interval: {why or f'the same for every {samples.unit}'}"
    return result


def why_no_interval(measure: RegisteredMeasure, samples: Predictions, has: NDArray[np.bool_]) -> str:
    """Return why a measure has no interval, whatever its value, such as too few units; or an empty text."""
    if measure.declared.no_interval:
        return measure.declared.no_interval
    count, rarest = resting_units(measure.rests_on, has)
    if count >= MIN_UNITS:
        return ""
    kind = "" if rarest is None else f" of class {samples.classes[rarest]}"
    return f"only {counted(count, samples.unit)}{kind}, and it takes {MIN_UNITS}"


def _student(scale: Scale, value: float, without: FloatArray, stratum: IntArray, *, halves: bool) -> Interval | None:
    """Return Student's interval, or None if the measure is the same without each unit.

    Args:
        scale: The scale of the interval.
        value: The measure.
        without: The measure without each unit.
        stratum: The stratum of each unit.
        halves: Leave out half of each unit, with the measure on the scale of the interval. An area under the ROC curve
            near 1 depends on few images far on the wrong side, and its change without their patient is far from linear.
    """
    if np.ptp(without) <= _SAME * max(abs(value), _SAME) or not scale.low < value < scale.top:
        return None
    scaled = 2 * scale.forward((value + without) / 2) if halves else without * scale.slope(value)
    variance, degrees = jackknife(scaled, stratum)
    reach, centre = student_t(degrees, LEVEL) * math.sqrt(variance), float(scale.forward(value))
    return scale.back(centre - reach), scale.back(centre + reach)


def _changes(name: str, value: float, at_limits: Sequence[Mapping[str, FloatArray]]) -> list[float]:
    """Return by how much a measure changes with a certain class at its limit, for each such class."""
    changes = [float(values[name]) - value for values in at_limits if name in values]
    return [change for change in changes if abs(change) > _SAME]


def _widened(scale: Scale, value: float, pair: Interval, changes: Sequence[float]) -> Interval:
    """Return an interval to which the uncertainty of certain classes is added.

    A class that is all right, or all wrong, shows no spread and adds nothing to the variance. The distances from the
    value to the limits are added as squares (Zou and Donner, Statistics in Medicine 27, 2008).
    """
    low, high = pair
    down = math.hypot(value - low, *(change for change in changes if change < 0))
    up = math.hypot(high - value, *(change for change in changes if change > 0))
    return max(value - down, scale.low), min(value + up, scale.top)
