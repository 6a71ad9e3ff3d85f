from __future__ import annotations

import numpy as np
import pytest

from zoo.training.validation import validate

pytestmark = pytest.mark.usefixtures("empty_charts")


def test_validation_loss_and_accuracies_equal_those_computed_by_hand() -> None:
    logits = np.log([[0.9, 0.1], [0.6, 0.4], [0.7, 0.3], [0.2, 0.8]])
    found = validate(logits, np.array([0, 0, 0, 0]))
    assert found.val_accuracy == found.val_balanced_accuracy == 0.75
    found = validate(logits, np.array([0, 0, 1, 1]))
    assert found.val_accuracy == pytest.approx(3 / 4)
    found = validate(logits, np.array([0, 0, 0, 1]))
    assert found.val_loss == pytest.approx(-np.log([0.9, 0.6, 0.7, 0.8]).mean())
    found = validate(logits, np.array([0, 1, 0, 0]))
    assert found.val_accuracy == pytest.approx(2 / 4)
    assert found.val_balanced_accuracy == pytest.approx((2 / 3 + 0) / 2)


@pytest.mark.parametrize("size", [20.0, 40.0, 1000.0])
def test_a_certain_and_wrong_prediction_has_the_same_validation_loss_whichever_class_it_names(size: float) -> None:
    for logits in ([[size]], [[0.0, size]]):
        assert validate(np.array(logits), np.array([0])).val_loss == pytest.approx(size, rel=1e-8)
        assert validate(-np.array(logits), np.array([1])).val_loss == pytest.approx(size, rel=1e-8)


def test_the_validation_loss_of_logits_that_are_no_numbers_is_no_number() -> None:
    found = validate(np.array([[np.nan, 0.0], [np.inf, 1.0]], dtype=np.float32), np.array([1, 0]))
    assert found.val_loss is not None
    assert np.isnan(found.val_loss)
