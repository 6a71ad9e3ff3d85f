"""The average precision, and what it is without each unit."""

from __future__ import annotations

import numpy as np

from zoo.metrics.predictions import FloatArray, IntArray, Predictions

_CHUNK = 1 << 22
"""Elements of the largest temporary array."""
EXACT = 300
"""With more units than this, what is left without one of them is computed from the derivative."""


class UnitAveragePrecision:
    """The average precision of one class against the rest.

    It is the mean over the positive samples of the precision at their score: the share of positives among the samples
    with that score or a higher one, as scikit-learn computes it, without interpolation.
    """

    def __init__(self, samples: Predictions, positive: int) -> None:
        order = np.argsort(-samples.scores[:, positive], kind="stable")
        scores = samples.scores[order, positive]
        self._units = samples.units[order]
        self._positive = (samples.labels[order] == positive).astype(np.float64)
        ends = np.flatnonzero(np.append(np.diff(scores) != 0, True))  # equal scores are one step
        self._ends = ends[np.searchsorted(ends, np.arange(len(scores)))]

    def area(self) -> float:
        """Return the average precision; NaN without a positive or without a negative sample, when it says nothing."""
        if not 0 < self._positive.sum() < len(self._positive):
            return float("nan")
        return float(self._weighted(np.ones((1, len(self._positive))))[0])

    def without_each_unit(self, strata: IntArray) -> FloatArray:
        """Return the average precision without each unit, [units]; NaN where it is undefined.

        Args:
            strata: The stratum of each unit. When a unit is left out, the others of its stratum count more, so that
                the stratum keeps its weight.
        """
        count = len(strata)
        if count > EXACT:
            return self._by_derivative(strata)
        rows = max(1, _CHUNK // len(self._units))
        return np.concatenate(
            [self._without(np.arange(start, min(start + rows, count)), strata) for start in range(0, count, rows)]
        )

    def _without(self, units: IntArray, strata: IntArray) -> FloatArray:
        """Return the average precision without each of some units."""
        sizes = np.bincount(strata)[strata[units], None].astype(np.float64)
        of_sample = strata[self._units]
        # times the stratum's size less 1: whole numbers
        weights = np.where(of_sample == strata[units, None], sizes, sizes - 1)
        weights[self._units == units[:, None]] = 0
        return self._weighted(weights)

    def _weighted(self, weights: FloatArray) -> FloatArray:
        """Return the average precision of weighted samples, [rows, samples] to [rows]."""
        positives = weights * self._positive
        reached = np.cumsum(weights, axis=1)[:, self._ends]
        precision = np.cumsum(positives, axis=1)[:, self._ends] / np.where(reached > 0, reached, 1)
        total = positives.sum(axis=1)
        found = (positives * precision).sum(axis=1) / np.where(total > 0, total, 1)
        return np.where((total > 0) & (total < weights.sum(axis=1)), found, np.nan)

    def _by_derivative(self, strata: IntArray) -> FloatArray:
        """Return what `without_each_unit` does, to first order in the weight of a unit (infinitesimal jackknife)."""
        positive, ends = self._positive, self._ends
        true, reached = np.cumsum(positive)[ends], ends + 1.0
        value = self.area()
        after = np.cumsum((positive / reached)[::-1])[::-1]
        lost = np.cumsum((positive * true / reached**2)[::-1])[::-1]
        starts = np.searchsorted(ends, ends)  # a sample counts for every positive of its own step and of later ones
        change = (positive * (true / reached + after[starts] - value) - lost[starts]) / positive.sum()
        of_unit = np.bincount(self._units, weights=change, minlength=len(strata))
        others = np.bincount(strata, weights=of_unit)[strata] - of_unit
        return np.asarray(value - of_unit + others / np.maximum(np.bincount(strata)[strata] - 1, 1))
