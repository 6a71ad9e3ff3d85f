"""From the values of many resamples to an interval, or to the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from zoo.metrics.bootstrap import distribution, strata
from zoo.metrics.point_estimates import Point
from zoo.metrics.predictions import FloatArray, Predictions
from zoo.metrics.result import Interval

LEVEL = 0.95
_MOST_UNDEFINED = 0.05
"""The largest share of resamples that may leave a measure undefined, if it is to have an interval."""
_FEW = 10
"""With fewer units in a stratum, a percentile interval holds the truth clearly less often than it says."""
_SAME = 1e-12


@dataclass(kw_only=True)
class Intervals:
    """The intervals found so far, why some were not, and what a reader of the rest must know."""

    pairs: dict[str, Interval | None] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def intervals(samples: Predictions, found: Point, *, resamples: int, seed: int) -> Intervals:
    """Find an interval for every value that is defined."""
    result = Intervals(pairs=dict.fromkeys(found.values))
    defined = [name for name, value in found.values.items() if value is not None]
    if resamples == 0:
        result.reasons = dict.fromkeys(defined, "no interval: none was asked for")
        return result
    result.notes += _thin(samples)
    spread = distribution(samples, minority=found.minority, resamples=resamples, seed=seed)
    for name in defined:
        _add(result, name, spread[name], samples.unit)
    return result


def _add(result: Intervals, name: str, values: FloatArray, unit: str) -> None:
    here = values[~np.isnan(values)]
    missing = 1 - len(here) / len(values)
    if missing > _MOST_UNDEFINED:
        result.reasons[name] = f"no interval: undefined in {missing:.1%} of the resamples"
    elif np.ptp(here) <= _SAME:
        result.reasons[name] = f"no interval: the same whichever {unit}s are drawn"
    else:
        low, high = np.quantile(here, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        result.pairs[name] = (float(low), float(high))
        if missing:
            result.notes.append(f"{name}: the interval leaves out the {missing:.1%} of resamples without a value")


def _thin(samples: Predictions) -> list[str]:
    """Note every stratum of few units: drawing from one alone always gives the same."""
    notes = []
    for names, units in strata(samples).items():
        kind = f"{' and '.join(names)} {samples.unit}"
        if len(units) == 1:
            notes.append(f"only 1 {kind}: the intervals do not show the spread between {kind}s")
        elif len(units) < _FEW:
            notes.append(f"only {len(units)} {kind}s: with so few, the intervals tend to be too narrow")
    return notes
