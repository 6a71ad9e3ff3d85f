from __future__ import annotations

import numpy as np
import pytest

from zoo.metrics.formulas import Counts, confusion_matrices
from zoo.metrics.unit_measures import values_of_counts

CLASS_MEASURES = ("precision", "recall", "specificity", "f1", "gmean", "iba", "support")


def per_class(matrices: np.ndarray) -> dict[str, np.ndarray]:
    counts = Counts(matrices)
    return {name: getattr(counts, name) for name in CLASS_MEASURES}


def test_per_class_measures_of_a_worked_example() -> None:
    """Class 0 is right in 3 of 4 samples and predicted 5 times, of 10 samples in all."""
    found = {name: values[0] for name, values in per_class(np.array([[3.0, 1.0], [2.0, 4.0]])).items()}
    assert found == pytest.approx(
        {
            "precision": 3 / 5,
            "recall": 3 / 4,
            "specificity": 4 / 6,
            "f1": 6 / 9,
            "gmean": (3 / 4 * 4 / 6) ** 0.5,
            "iba": (1 + 0.1 * (3 / 4 - 4 / 6)) * 3 / 4 * 4 / 6,
            "support": 4,
        }
    )


def test_ratios_with_an_empty_denominator_are_nan() -> None:
    found = per_class(np.array([[2.0, 0.0], [0.0, 0.0]]))
    assert {name for name, values in found.items() if np.isnan(values[1])} == {
        "precision",
        "recall",
        "f1",
        "gmean",
        "iba",
    }
    assert {name for name, values in found.items() if np.isnan(values[0])} == {"specificity", "gmean", "iba"}


def test_measures_of_many_matrices_are_those_of_each_matrix() -> None:
    matrices = np.random.default_rng(0).integers(0, 9, size=(4, 6, 3, 3)).astype(float)
    together = values_of_counts(matrices, minority=2)
    for index in np.ndindex(4, 6):
        alone = {name: float(value) for name, value in values_of_counts(matrices[index], minority=2).items()}
        assert {name: values[index] for name, values in together.items()} == pytest.approx(alone, nan_ok=True)


def test_each_unit_has_its_own_confusion_matrix() -> None:
    labels, predictions, units = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), np.array([0, 1, 2, 2])
    assert confusion_matrices(labels, predictions, classes=2, units=units).tolist() == [
        [[1, 0], [0, 0]],
        [[0, 1], [0, 0]],
        [[0, 0], [0, 2]],
    ]
