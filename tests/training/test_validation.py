from __future__ import annotations

import numpy as np
import pytest

from zoo.spec import Recipe
from zoo.training.validation import Validation, rank, validated

FOUND = Validation(val_loss=0.4, val_accuracy=0.8, val_balanced_accuracy=0.7)


def test_measures_are_those_of_their_names() -> None:
    probabilities = np.array([[0.9, 0.1], [0.6, 0.4], [0.7, 0.3], [0.2, 0.8]])
    found = validated(probabilities, np.array([0, 0, 0, 0]))
    assert found.val_accuracy == found.val_balanced_accuracy == 0.75
    found = validated(probabilities, np.array([0, 0, 1, 1]))
    assert found.val_accuracy == pytest.approx(3 / 4)
    found = validated(probabilities, np.array([0, 0, 0, 1]))
    assert found.val_loss == pytest.approx(-np.log([0.9, 0.6, 0.7, 0.8]).mean())
    found = validated(probabilities, np.array([0, 1, 0, 0]))
    assert found.val_accuracy == pytest.approx(2 / 4)
    assert found.val_balanced_accuracy == pytest.approx((2 / 3 + 0) / 2)


def test_a_probability_of_nothing_is_a_large_loss_and_not_an_infinite_one() -> None:
    found = validated(np.array([[1.0, 0.0]]), np.array([1]))
    assert found.val_loss is not None
    assert 20 < found.val_loss < 100


@pytest.mark.parametrize(("select", "better"), [("loss", 0.3), ("accuracy", 0.9), ("balanced_accuracy", 0.8)])
def test_the_recipes_measure_decides_and_more_is_better(select: str, better: float) -> None:
    recipe = Recipe(name="r", summary="", select=select)  # type: ignore[arg-type]
    other = Validation(**{**vars(FOUND), f"val_{select}": better})
    assert rank(recipe, 1, other) > rank(recipe, 2, FOUND)


@pytest.mark.parametrize(("select", "found"), [("last", FOUND), ("loss", Validation())])
def test_otherwise_the_last_is_best(select: str, found: Validation) -> None:
    recipe = Recipe(name="r", summary="", select=select)  # type: ignore[arg-type]
    assert rank(recipe, 2, found) > rank(recipe, 1, found)
