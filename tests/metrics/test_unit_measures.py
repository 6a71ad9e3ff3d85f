from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.metrics.reference import reference_measures
from zoo.metrics.predictions import check_predictions
from zoo.metrics.strata import strata, units_of_classes
from zoo.metrics.unit_measures import UnitMeasures

Cases = Callable[..., dict[str, Any]]


@pytest.mark.parametrize("classes", [2, 3])
def test_measures_without_a_patient_are_those_of_repeated_samples(case: Cases, classes: int) -> None:
    """A weight of n / (n - 1) is rebuilt by hand: each image of the stratum n times, of the others n - 1 times."""
    samples = check_predictions(**case(classes=classes, samples=90, patients=12))
    stratum = strata(units_of_classes(samples))
    measures = UnitMeasures(samples)
    found = measures.without_each_unit(stratum)
    minority = samples.classes[measures.minority]
    for unit in range(measures.units):
        others = int((stratum == stratum[unit]).sum())
        times = np.where(stratum == stratum[unit], others, others - 1)
        times[unit] = 0
        again = np.repeat(np.arange(len(samples.labels)), times[samples.units])
        labels, probabilities = samples.labels[again], samples.scores[again]
        expected, each = reference_measures(labels, probabilities, samples.classes)
        expected["f1_minority"] = each[minority]["f1"]
        right = np.bincount(samples.units, weights=samples.predictions == samples.labels) / np.bincount(samples.units)
        weights = np.where(stratum == stratum[unit], others, others - 1)
        weights[unit] = 0
        expected["patient_recognition_rate"] = float(np.average(right, weights=weights))
        del expected["calibration_error"]  # it has no interval
        assert {name: found[name][unit] for name in expected} == pytest.approx(expected, abs=1e-12)
        assert found.keys() - expected.keys() == {"calibration_error"}


def test_a_patient_without_whom_a_class_is_missing_leaves_measures_undefined() -> None:
    samples = check_predictions(
        labels=[0, 1, 1], logits=[[-1.0], [1.0], [2.0]], classes=("a", "b"), groups=["x", "y", "z"]
    )
    found = UnitMeasures(samples).without_each_unit(np.zeros(3, dtype=np.int64))
    assert np.isnan(found["specificity"]).tolist() == [True, False, False]
    assert np.isnan(found["auroc"]).tolist() == [True, False, False]
    assert not np.isnan(found["accuracy"]).any()
