from __future__ import annotations

import numpy as np
import pytest

from zoo.training.validation import validate


def test_validation_loss_and_accuracies_equal_those_computed_by_hand() -> None:
    probabilities = np.array([[0.9, 0.1], [0.6, 0.4], [0.7, 0.3], [0.2, 0.8]])
    found = validate(probabilities, np.array([0, 0, 0, 0]))
    assert found.val_accuracy == found.val_balanced_accuracy == 0.75
    found = validate(probabilities, np.array([0, 0, 1, 1]))
    assert found.val_accuracy == pytest.approx(3 / 4)
    found = validate(probabilities, np.array([0, 0, 0, 1]))
    assert found.val_loss == pytest.approx(-np.log([0.9, 0.6, 0.7, 0.8]).mean())
    found = validate(probabilities, np.array([0, 1, 0, 0]))
    assert found.val_accuracy == pytest.approx(2 / 4)
    assert found.val_balanced_accuracy == pytest.approx((2 / 3 + 0) / 2)


def test_a_probability_of_zero_gives_a_large_but_finite_validation_loss() -> None:
    found = validate(np.array([[1.0, 0.0]]), np.array([1]))
    assert found.val_loss is not None
    assert 20 < found.val_loss < 100
