"""The area under the ROC curve, and what it is without each unit."""

from __future__ import annotations

import numpy as np

from zoo.metrics.predictions import FloatArray, IntArray, Predictions


class UnitAuroc:
    """The area under the ROC curve of one class against the rest.

    It is the share of pairs of a positive and a negative sample in which the positive one has the higher score; a tie
    counts half.
    """

    def __init__(self, samples: Predictions, positive: int) -> None:
        self._units = samples.units
        self._ranks = np.unique(samples.scores[:, positive], return_inverse=True)[1].reshape(-1)
        self._positives = np.flatnonzero(samples.labels == positive)
        self._negatives = np.flatnonzero(samples.labels != positive)

    def area(self) -> float:
        """Return the area; NaN if there are no pairs."""
        pairs = len(self._positives) * len(self._negatives)
        return self._wins_of_positives(self._negatives).sum() / pairs if pairs else float("nan")

    def without_each_unit(self, strata: IntArray) -> FloatArray:
        """Return the area without each unit, [units]; NaN where no pairs are left.

        Args:
            strata: The stratum of each unit. When a unit is left out, the others of its stratum count more, so that
                the stratum keeps its weight.
        """
        wins, pairs = self._wins(strata), self._pairs(strata)
        missing = np.full(len(strata), np.nan)
        return np.asarray(np.divide(wins, pairs, out=missing, where=pairs > 0))

    def _wins(self, strata: IntArray) -> FloatArray:
        """Return the wins of positives over negatives without each unit, in the units of `_without_each`."""
        count, of_sample = len(strata), strata[self._units]
        won, lost = np.zeros((count, strata.max() + 1)), np.zeros((count, strata.max() + 1))
        for stratum in range(strata.max() + 1):
            negatives = self._negatives[of_sample[self._negatives] == stratum]
            positives = self._positives[of_sample[self._positives] == stratum]
            won[:, stratum] = self._by_unit(self._positives, self._wins_of_positives(negatives), count)
            lost[:, stratum] = self._by_unit(self._negatives, self._losses_of_negatives(positives), count)
        own = self._by_unit(self._positives, self._wins_within_units(), count)
        return _without_each(won, lost, own, strata)

    def _pairs(self, strata: IntArray) -> FloatArray:
        """Return the number of pairs without each unit, in the units of `_without_each`."""
        positives = np.bincount(self._units[self._positives], minlength=len(strata)).astype(np.float64)
        negatives = np.bincount(self._units[self._negatives], minlength=len(strata)).astype(np.float64)
        of_strata = [np.bincount(strata, weights=counts) for counts in (negatives, positives)]
        return _without_each(
            positives[:, None] * of_strata[0], negatives[:, None] * of_strata[1], positives * negatives, strata
        )

    def _by_unit(self, samples: IntArray, values: FloatArray, count: int) -> FloatArray:
        return np.asarray(np.bincount(self._units[samples], weights=values, minlength=count), dtype=np.float64)

    def _wins_of_positives(self, negatives: IntArray) -> FloatArray:
        """Return over how many of these negatives each positive wins."""
        return _below(np.sort(self._ranks[negatives]), self._ranks[self._positives])

    def _losses_of_negatives(self, positives: IntArray) -> FloatArray:
        """Return to how many of these positives each negative loses."""
        return len(positives) - _below(np.sort(self._ranks[positives]), self._ranks[self._negatives])

    def _wins_within_units(self) -> FloatArray:
        """Return over how many negatives of its own unit each positive wins."""
        keys = self._units * (int(self._ranks.max()) + 1) + self._ranks
        negative_units = self._units[self._negatives]
        before = np.searchsorted(negative_units, self._units[self._positives], "left")
        return _below(np.sort(keys[self._negatives]), keys[self._positives]) - before


def _below(ordered: IntArray, values: IntArray) -> FloatArray:
    """Return how many of the ordered numbers are below each value; an equal one counts half."""
    return np.asarray((np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")) / 2)


def _without_each(won: FloatArray, lost: FloatArray, own: FloatArray, strata: IntArray) -> FloatArray:
    """Return a weighted sum over pairs of a positive and a negative, without the pairs of each unit.

    It is multiplied by the square of the stratum's size - 1, so that counts stay whole numbers.

    Args:
        won: The sum over the positives of each unit and the negatives of each stratum, [units, strata].
        lost: The sum over the negatives of each unit and the positives of each stratum, [units, strata].
        own: The sum over the pairs within each unit, [units].
        strata: The stratum of each unit, whose other units then count more.
    """
    units, sizes = np.arange(len(strata)), np.bincount(strata)
    between = np.zeros((len(sizes), len(sizes)))
    np.add.at(between, strata, won)
    rows, columns, inside = between.sum(axis=1), between.sum(axis=0), np.diagonal(between)
    rest = between.sum() - rows - columns + inside
    size = sizes[strata]
    mine_won, mine_lost = won[units, strata], lost[units, strata]
    crossing = (rows + columns - 2 * inside)[strata] - (won.sum(axis=1) - mine_won) - (lost.sum(axis=1) - mine_lost)
    within = inside[strata] - mine_won - mine_lost + own
    return np.asarray((size - 1) ** 2 * rest[strata] + (size - 1) * size * crossing + size**2 * within)
