from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from zoo.metrics import measure
from zoo.metrics.coverage import measure_coverage
from zoo.metrics.patient_mean import patient_mean


def test_coverage_is_measured_by_class_as_the_mean_over_patients() -> None:
    sets = np.array([[1, 0], [1, 1], [0, 1], [1, 1], [0, 1], [1, 0]], dtype=bool)
    found = measure_coverage(
        sets, np.array([0, 0, 0, 1, 1, 1]), classes=("a", "b"), groups=["x", "x", "y", "z", "z", "v"], asked=0.9
    )
    assert {name: mean.value for name, mean in found.measured.items()} == {"a": 0.5, "b": 0.5}
    assert (found.mean_size, found.single) == (pytest.approx(8 / 6), pytest.approx(4 / 6))
    assert str(found).startswith(
        "coverage asked 0.9, measured: a 0.500 (no interval: only 2 patients, and it takes 3);"
    )
    assert "66.7 % of the images with a single one" in str(found)
    assert "> 99.9 % of the images with a single one" in str(replace(found, single=0.9999))


def test_the_interval_of_a_mean_over_patients_contains_the_true_mean_as_often_as_it_says() -> None:
    generator = np.random.default_rng(0)
    within = []
    for _ in range(400):
        rates = generator.beta(9, 1, 20)
        groups = [str(patient) for patient in range(20) for _ in range(5 + patient)]
        holds = np.concatenate([generator.random(5 + patient) < rates[patient] for patient in range(20)])
        found = patient_mean(holds, groups)
        assert found.interval is not None
        within.append(found.interval[0] <= 0.9 <= found.interval[1])
    assert 0.92 <= np.mean(within) <= 0.98


def test_the_interval_of_a_mean_over_patients_is_that_of_the_same_share_among_the_measures() -> None:
    generator = np.random.default_rng(1)
    labels, groups = np.arange(48) % 2, [str(number // 6) for number in range(48)]
    right = generator.random(48) < 0.7
    called = np.where(right, labels, 1 - labels)
    measured = measure(labels=labels, probabilities=np.eye(2)[called], classes=("a", "b"), groups=groups)
    found = patient_mean(right, groups)
    assert found.value == pytest.approx(measured.values["patient_recognition_rate"])
    assert found.interval == pytest.approx(measured.intervals["patient_recognition_rate"])


def test_a_share_that_is_the_same_for_every_patient_has_no_interval() -> None:
    found = patient_mean(np.array([True, False, False] * 20), [str(number // 3) for number in range(60)])
    assert found.interval is None
    assert str(found) == "0.333 (no interval: the same for every patient)"


def test_a_mean_of_one_has_the_lower_limit_of_n_of_n_patients() -> None:
    found = patient_mean(np.ones(60, dtype=bool), [str(number // 6) for number in range(60)])
    assert found.interval == (pytest.approx(0.6915, abs=1e-3), 1.0)
    assert patient_mean(np.zeros(0, dtype=bool), []).value is None
