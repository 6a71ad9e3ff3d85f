"""How a measure is computed: from counts, from sums over the samples, from ranks, or from anything.

Each kind knows how to leave out one unit after the other without computing the rest again, since the interval of a
measure comes from what it is without each unit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

import numpy as np

from zoo.errors import PluginError
from zoo.metrics.auroc import UnitAuroc
from zoo.metrics.average_precision import UnitAveragePrecision
from zoo.metrics.formulas import Counts, ratio
from zoo.metrics.predictions import FloatArray, IntArray, Predictions
from zoo.metrics.undefined import Present
from zoo.plugin_code import warn

ClassMeasure = Literal["precision", "recall", "specificity", "f1", "gmean", "iba"]
Mean = Literal["positive", "macro", "weighted", "minority"]
"""Of which classes a measure is the mean: the last of two (of more: all), all, all weighted by their samples, or the
rarest alone."""


class Values(Protocol):
    """One measure of one set of predictions."""

    def value(self) -> float:
        """Return the measure; NaN where it is undefined."""

    def without_each_unit(self, strata: IntArray) -> FloatArray:
        """Return the measure without each unit, [units], the others of its stratum counting more."""

    def of_classes(self) -> FloatArray | None:
        """Return the measure of each class against the rest, [classes]; None if there is no such thing."""

    @property
    def failure(self) -> str:
        """Why it could not be computed; an empty text if it could, or was not."""


def _never(present: Present) -> str:  # noqa: ARG001
    """Return that a measure is always defined."""
    return ""


@dataclass(frozen=True, kw_only=True)
class OfCounts:
    """A function of the confusion matrix."""

    formula: Callable[[Counts], FloatArray]
    """[..., classes, classes] to [...]"""
    why_undefined: Callable[[Present], str] = _never

    def compute(self, counts: Counts, *, minority: int) -> FloatArray:  # noqa: ARG002
        """Return the measure of each confusion matrix; NaN where it is undefined."""
        return self.formula(counts)


@dataclass(frozen=True, kw_only=True)
class ClassMean:
    """The mean over classes of a measure of one class, which follows from the confusion matrix."""

    of: ClassMeasure
    mean: Mean

    def compute(self, counts: Counts, *, minority: int) -> FloatArray:
        """Return the measure of each confusion matrix; NaN where it is undefined."""
        each = self.of_classes(counts)
        if self.mean == "minority":
            return np.asarray(each[..., minority])
        if self.mean == "positive" and each.shape[-1] == 2:
            return np.asarray(each[..., 1])
        if self.mean != "weighted":
            return np.asarray(each.mean(axis=-1))
        present = np.where(counts.support > 0, each * counts.support, 0)  # a class without samples has no weight
        return ratio(present.sum(axis=-1), counts.total)

    def of_classes(self, counts: Counts) -> FloatArray:
        """Return the measure of each class."""
        found: FloatArray = getattr(counts, self.of)
        return found

    def why_undefined(self, present: Present) -> str:
        """Return why the mean is undefined, or an empty text."""
        every = range(len(present.classes))
        chosen: Sequence[int] = every
        if self.mean == "minority":
            chosen = [present.minority]
        elif self.mean == "positive" and len(every) == 2:
            chosen = [1]
        elif self.mean == "weighted":
            chosen = [index for index in every if present.support[index]]
        return present.first(self.of, chosen)


@dataclass(frozen=True, kw_only=True)
class OfSums:
    """A function of sums over the units, which does not change if all sums are multiplied by a number."""

    sums: Callable[[Predictions], FloatArray]
    """The sums of each unit, [units, sums]."""
    formula: Callable[[FloatArray], FloatArray]
    """[..., sums] to [...]"""
    why_undefined: Callable[[Present], str] = _never

    def prepare(self, samples: Predictions) -> Values:
        """Return the measure of these predictions."""
        return _Sums(self.sums(samples), self.formula)


@dataclass(frozen=True)
class _Sums:
    failure = ""
    of_units: FloatArray
    formula: Callable[[FloatArray], FloatArray]

    def value(self) -> float:
        return float(self.formula(self.of_units.sum(axis=0)))

    def without_each_unit(self, strata: IntArray) -> FloatArray:
        sizes = np.bincount(strata)
        totals = np.zeros((len(sizes), self.of_units.shape[1]))
        np.add.at(totals, strata, self.of_units)
        size = sizes[strata, None]
        # times the stratum's size less 1: whole numbers
        return self.formula((size - 1) * self.of_units.sum(axis=0) + totals[strata] - size * self.of_units)

    def of_classes(self) -> FloatArray | None:
        return None


@dataclass(frozen=True, kw_only=True)
class OfRanks:
    """The mean over classes of an area that depends on the order of the scores: of the positive class, if there is one.

    It needs samples of every class.
    """

    area: type[UnitAuroc] | type[UnitAveragePrecision]

    def prepare(self, samples: Predictions) -> Values:
        """Return the measure of these predictions."""
        return _Areas(samples, self.area)

    def why_undefined(self, present: Present) -> str:
        """Return why the mean is undefined, or an empty text."""
        return present.first("recall", range(len(present.classes)))


@dataclass(frozen=True)
class _Areas:
    failure = ""
    samples: Predictions
    area: type[UnitAuroc] | type[UnitAveragePrecision]

    def value(self) -> float:
        if not self._every_class:
            return float("nan")
        return float(np.mean([one.area() for one in self._averaged]))

    def without_each_unit(self, strata: IntArray) -> FloatArray:
        if not self._every_class:
            return np.full(len(strata), np.nan)
        return np.asarray(np.mean([one.without_each_unit(strata) for one in self._averaged], axis=0))

    def of_classes(self) -> FloatArray | None:
        return np.array([self.area(self.samples, index).area() for index in range(len(self.samples.classes))])

    @cached_property
    def _averaged(self) -> Sequence[UnitAuroc | UnitAveragePrecision]:
        return [self.area(self.samples, index) for index in self.samples.positives]

    @cached_property
    def _every_class(self) -> bool:
        return len(np.unique(self.samples.labels)) == len(self.samples.classes)


@dataclass(frozen=True, kw_only=True)
class OfSamples:
    """Any function of weighted predictions; it is called once for each unit, so it should be fast."""

    function: Callable[[Predictions, FloatArray], float]
    """`function(samples, weights)`, with a weight of 0 or more for each sample; NaN where it is undefined."""
    why_undefined: Callable[[Present], str] = _never

    def prepare(self, samples: Predictions) -> Values:
        """Return the measure of these predictions."""
        return _Weighted(samples, self.function)


@dataclass
class _Weighted:
    samples: Predictions
    function: Callable[[Predictions, FloatArray], float]
    failure: str = ""
    """What the function, which may be another author's, has raised."""

    def value(self) -> float:
        return self._call(np.ones(len(self.samples.labels)))

    def without_each_unit(self, strata: IntArray) -> FloatArray:
        sizes, units = np.bincount(strata), self.samples.units
        found = np.full(len(strata), np.nan)
        for unit, stratum in enumerate(strata):
            if self.failure:
                break
            if sizes[stratum] > 1:
                weights = np.where(strata[units] == stratum, sizes[stratum] / (sizes[stratum] - 1), 1.0)
                weights[units == unit] = 0
                found[unit] = self._call(weights)
        return found

    def _call(self, weights: FloatArray) -> float:
        """Return the measure; NaN if the function fails, of which a warning has the file and the line."""
        try:
            return float(self.function(self.samples, weights))
        except PluginError as error:
            self.failure = error.message
            warn(f"{error}; the evaluation goes on without it")
            return math.nan

    def of_classes(self) -> FloatArray | None:
        return None


MeasureFunction = OfCounts | ClassMean | OfSums | OfRanks | OfSamples
