"""Every measure of one set of predictions, before anything is resampled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zoo.metrics.formulas import per_class
from zoo.metrics.predictions import IntArray, Predictions
from zoo.metrics.undefined import PER_CLASS, key, undefined_reasons
from zoo.metrics.unit_measures import UnitMeasures


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
    confusion = measures.confusion
    counts = confusion.astype(np.int64)
    reasons = undefined_reasons(counts, samples.classes, minority=measures.minority)
    each = per_class(confusion)
    by_class: dict[str, dict[str, float | None]] = {}
    for index, name in enumerate(samples.classes):
        by_class[name] = {
            measure: None if key(measure, name) in reasons else float(each[measure][index]) for measure in PER_CLASS
        }
        by_class[name]["support"] = int(each["support"][index])
    return PointEstimates(
        confusion=counts,
        values={name: None if name in reasons else value for name, value in measures.values().items()},
        per_class=by_class,
        reasons=reasons,
    )
