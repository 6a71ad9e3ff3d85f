"""Every measure of a set of predictions, with all units and without each of them."""

from __future__ import annotations

import numpy as np

from zoo.metrics.auroc import UnitAuroc
from zoo.metrics.formulas import confusion_matrices, overall
from zoo.metrics.predictions import FloatArray, IntArray, Predictions

_CHUNK = 1 << 22
"""Elements of the largest temporary array."""


class UnitMeasures:
    """The measures of one set of predictions."""

    def __init__(self, samples: Predictions, *, minority: int | None = None) -> None:
        self._samples = samples
        self._classes = len(samples.classes)
        self.units = int(samples.units.max()) + 1
        self.confusion = confusion_matrices(samples.labels, samples.predictions, classes=self._classes)[0]
        """Rows are the truth, columns the prediction."""
        self.minority = int(self.confusion.sum(axis=1).argmin()) if minority is None else minority
        """The class of `f1_minority`: by default the one with the fewest samples, the first one of several."""
        self._losses = np.asarray(np.bincount(samples.units, weights=samples.cross_entropies), dtype=np.float64)
        every_class = len(np.unique(samples.labels)) == self._classes
        self._areas = [UnitAuroc(samples, index) for index in samples.positives] if every_class else []

    def values(self) -> dict[str, float]:
        """Return each measure; NaN where it is undefined."""
        values = {name: float(value) for name, value in overall(self.confusion, minority=self.minority).items()}
        values["loss"] = float(self._losses.sum() / len(self._samples.labels))
        values["auroc"] = float(np.mean([area.area() for area in self._areas])) if self._areas else np.nan
        return values

    def without_each_unit(self, strata: IntArray) -> dict[str, FloatArray]:
        """Return each measure without each unit, [units]; NaN where it is undefined.

        Args:
            strata: The stratum of each unit. When a unit is left out, the others of its stratum count more, so that
                the stratum keeps its weight.
        """
        losses = _without_each(self._losses, strata)
        images = _without_each(np.bincount(self._samples.units).astype(np.float64), strata)
        rows = max(1, _CHUNK // self._classes**2)
        starts = range(0, self.units, rows)
        totals = self._confusion_of_strata(strata)
        chunks = [self._without(slice(start, min(start + rows, self.units)), strata, totals) for start in starts]
        values = {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}
        missing = np.full(self.units, np.nan)
        values["loss"] = np.divide(losses, images, out=missing, where=images > 0)
        areas = [area.without_each_unit(strata) for area in self._areas]
        values["auroc"] = np.mean(areas, axis=0) if areas else np.full(self.units, np.nan)
        return values

    def _confusion_of_strata(self, strata: IntArray) -> FloatArray:
        """Return the confusion matrix of each stratum, [strata, classes, classes]."""
        samples = self._samples
        return confusion_matrices(
            samples.labels, samples.predictions, classes=self._classes, units=strata[samples.units]
        )

    def _without(self, units: slice, strata: IntArray, totals: FloatArray) -> dict[str, FloatArray]:
        """Return the measures that follow from counts without each of some units, [units]."""
        samples = self._samples
        first, last = np.searchsorted(samples.units, [units.start, units.stop])
        mine = slice(int(first), int(last))
        matrices = confusion_matrices(
            samples.labels[mine],
            samples.predictions[mine],
            classes=self._classes,
            units=samples.units[mine] - units.start,
        )
        size = np.bincount(strata)[strata[units], None, None]
        counts = (size - 1) * self.confusion + totals[strata[units]] - size * matrices  # size - 1 times: whole numbers
        return overall(counts, minority=self.minority)


def _without_each(values: FloatArray, strata: IntArray) -> FloatArray:
    """Return the weighted sum of the units' values without each unit, [units], times its stratum's size - 1."""
    sizes, totals = np.bincount(strata), np.bincount(strata, weights=values)
    return np.asarray((sizes[strata] - 1) * values.sum() + totals[strata] - sizes[strata] * values)
