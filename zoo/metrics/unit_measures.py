"""Every measure of a set of predictions, with all units and without each of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from zoo.metrics.formulas import Counts, confusion_matrices
from zoo.metrics.measure_functions import ClassMean, OfCounts, Values
from zoo.metrics.predictions import FloatArray, IntArray, Predictions
from zoo.metrics.registered_measures import RegisteredMeasure, registered_measures

_CHUNK = 1 << 22
"""Elements of the largest temporary array."""


def values_of_counts(
    matrices: FloatArray, *, minority: int, declared: Sequence[RegisteredMeasure] | None = None
) -> dict[str, FloatArray]:
    """Return the measures that follow from counts, [..., classes, classes] to [...]; NaN where one is undefined.

    Args:
        matrices: The confusion matrices.
        minority: The class of `f1_minority`.
        declared: What to measure; by default everything.
    """
    counts = Counts(matrices)
    return {
        measure.name: measure.function.compute(counts, minority=minority)
        for measure in (registered_measures() if declared is None else declared)
        if isinstance(measure.function, OfCounts | ClassMean)
    }


class UnitMeasures:
    """The measures of one set of predictions."""

    def __init__(
        self,
        samples: Predictions,
        *,
        minority: int | None = None,
        declared: Sequence[RegisteredMeasure] | None = None,
    ) -> None:
        self.declared = registered_measures() if declared is None else declared
        """What is measured, in this order."""
        self._samples = samples
        self._classes = len(samples.classes)
        self.units = int(samples.units.max()) + 1
        self.confusion = confusion_matrices(samples.labels, samples.predictions, classes=self._classes)[0]
        """Rows are the truth, columns the prediction."""
        self.minority = int(self.confusion.sum(axis=1).argmin()) if minority is None else minority
        """The class of `f1_minority`: by default the one with the fewest samples, the first one of several."""

    @cached_property
    def _others(self) -> dict[str, Values]:
        """The measures that do not follow from counts."""
        return {
            measure.name: measure.function.prepare(self._samples)
            for measure in self.declared
            if not isinstance(measure.function, OfCounts | ClassMean)
        }

    def values(self) -> dict[str, float]:
        """Return each measure; NaN where it is undefined."""
        found = values_of_counts(self.confusion, minority=self.minority, declared=self.declared)
        values = {name: float(value) for name, value in found.items()}
        values |= {name: one.value() for name, one in self._others.items()}
        return {measure.name: values[measure.name] for measure in self.declared}

    def failures(self) -> dict[str, str]:
        """Return what the functions of measures have raised when they were called, by name."""
        return {name: one.failure for name, one in self._others.items() if one.failure}

    def of_classes(self) -> dict[str, FloatArray]:
        """Return each measure that a class has against the rest, [classes]; NaN where it is undefined."""
        counts = Counts(self.confusion)
        found: dict[str, FloatArray] = {}
        for measure in self.declared:
            function = measure.function
            if isinstance(function, ClassMean) and function.of == measure.name:
                found[measure.name] = function.of_classes(counts)
            elif measure.name in self._others and (each := self._others[measure.name].of_classes()) is not None:
                found[measure.name] = each
        return found

    def without_each_unit(self, strata: IntArray) -> dict[str, FloatArray]:
        """Return each measure without each unit, [units]; NaN where it is undefined, or never has an interval.

        Args:
            strata: The stratum of each unit. When a unit is left out, the others of its stratum count more, so that
                the stratum keeps its weight.
        """
        rows = max(1, _CHUNK // self._classes**2)
        starts = range(0, self.units, rows)
        totals = self._confusion_of_strata(strata)
        chunks = [self._without(slice(start, min(start + rows, self.units)), strata, totals) for start in starts]
        values = {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}
        for measure in self.declared:
            if measure.declared.no_interval:
                values[measure.name] = np.full(self.units, np.nan)
            elif measure.name in self._others:
                values[measure.name] = self._others[measure.name].without_each_unit(strata)
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
        return values_of_counts(counts, minority=self.minority, declared=self.declared)
