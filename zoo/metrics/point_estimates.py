"""Every measure of one set of predictions, before anything is resampled."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from zoo.metrics.predictions import IntArray, Predictions
from zoo.metrics.undefined import Present, key
from zoo.metrics.unit_measures import UnitMeasures

UNDEFINED = "undefined for these predictions"


@dataclass(frozen=True, kw_only=True)
class PointEstimates:
    """The values, None where a measure is undefined, and the reasons why."""

    confusion: IntArray
    """Rows are the truth, columns the prediction."""
    values: dict[str, float | None]
    per_class: dict[str, dict[str, float | None]]
    reasons: dict[str, str]


def point_estimates(samples: Predictions, measures: UnitMeasures) -> PointEstimates:
    """Return every measure of these samples."""
    counts = measures.confusion.astype(np.int64)
    present = Present(confusion=counts, classes=samples.classes, minority=measures.minority, unit=samples.unit)
    found = {
        measure.name: _known(value)
        for measure, value in zip(measures.declared, measures.values().values(), strict=True)
    }
    failures = measures.failures()
    reasons = {
        measure.name: failures.get(measure.name) or measure.function.why_undefined(present) or UNDEFINED
        for measure in measures.declared
        if found[measure.name] is None
    }
    each = {name: [_known(float(value)) for value in values] for name, values in measures.of_classes().items()}
    by_class: dict[str, dict[str, float | None]] = {}
    for index, label in enumerate(samples.classes):
        by_class[label] = {name: values[index] for name, values in each.items()}
        reasons |= _reasons_of_class(by_class[label], present, index)
        by_class[label]["support"] = present.support[index]
    return PointEstimates(confusion=counts, values=found, per_class=by_class, reasons=reasons)


def _known(value: float) -> float | None:
    """Return a number, or None for NaN."""
    return None if math.isnan(value) else value


def _reasons_of_class(values: Mapping[str, float | None], present: Present, index: int) -> dict[str, str]:
    """Return the reasons for the undefined measures of one class."""
    label = present.classes[index]
    return {key(name, label): present.why(name, index) or UNDEFINED for name, value in values.items() if value is None}
