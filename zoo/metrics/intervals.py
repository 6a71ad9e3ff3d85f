"""Percentile bootstrap intervals, or the reason why a measure has none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from zoo.metrics.bootstrap import bootstrap_distribution, strata
from zoo.metrics.predictions import FloatArray, Predictions
from zoo.metrics.result import Interval
from zoo.metrics.weighted_measures import WeightedMeasures

LEVEL = 0.95
_MOST_UNDEFINED = 0.05
"""A measure that is undefined in a larger share of the resamples gets no interval."""
_FEW = 10
"""With fewer units in a stratum, a percentile interval covers the true value clearly less often than its level."""
_SAME = 1e-12
"""Values that differ by less count as equal."""


@dataclass(kw_only=True)
class Intervals:
    """The interval of each measure, the reasons why some have none, and notes for the reader."""

    pairs: dict[str, Interval | None] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def bootstrap_intervals(
    samples: Predictions, measures: WeightedMeasures, values: Mapping[str, float | None], *, resamples: int, seed: int
) -> Intervals:
    """Return an interval for each defined value."""
    result = Intervals(pairs=dict.fromkeys(values))
    defined = [name for name, value in values.items() if value is not None]
    if resamples == 0:
        result.reasons = dict.fromkeys(defined, "no interval: not requested")
        return result
    result.notes += _small_strata(samples)
    distribution = bootstrap_distribution(samples, measures, resamples=resamples, seed=seed)
    for name in defined:
        _add_interval(result, name, distribution[name], samples.unit)
    return result


def _add_interval(result: Intervals, name: str, values: FloatArray, unit: str) -> None:
    """Add the interval of one measure, or the reason why it has none."""
    defined = values[~np.isnan(values)]
    missing = 1 - len(defined) / len(values)
    if missing > _MOST_UNDEFINED:
        result.reasons[name] = f"no interval: undefined in {missing:.1%} of the resamples"
    elif np.ptp(defined) <= _SAME:
        result.reasons[name] = f"no interval: the same for every choice of {unit}s"
    else:
        low, high = np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        result.pairs[name] = (float(low), float(high))
        if missing:
            result.notes.append(f"{name}: the interval leaves out the {missing:.1%} of resamples without a value")


def _small_strata(samples: Predictions) -> list[str]:
    """Return a note for every stratum of few units; a single unit is the same in every resample."""
    notes = []
    for names, units in strata(samples).items():
        kind = f"{' and '.join(names)} {samples.unit}"
        if len(units) == 1:
            notes.append(f"only 1 {kind}: the intervals do not show the spread between {kind}s")
        elif len(units) < _FEW:
            notes.append(f"only {len(units)} {kind}s: with so few, the intervals tend to be too narrow")
    return notes
