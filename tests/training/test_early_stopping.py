from __future__ import annotations

import math

import pytest

from zoo.config.recipe import Recipe
from zoo.training.early_stopping import epoch_score, is_better, stops_early
from zoo.training.validation import Validation

VALIDATION = Validation(val_loss=0.4, val_accuracy=0.8, val_balanced_accuracy=0.7)


@pytest.mark.parametrize(("select", "better"), [("loss", 0.3), ("accuracy", 0.9), ("balanced_accuracy", 0.8)])
def test_an_epoch_that_is_better_by_the_recipes_measure_has_the_higher_score(select: str, better: float) -> None:
    recipe = Recipe(name="r", summary="", select=select)  # type: ignore[arg-type]
    other = Validation(**{**vars(VALIDATION), f"val_{select}": better})
    assert epoch_score(recipe, 1, other) > epoch_score(recipe, 2, VALIDATION)


@pytest.mark.parametrize(("select", "found"), [("last", VALIDATION), ("loss", Validation())])
def test_without_a_measure_to_select_by_a_later_epoch_has_the_higher_score(select: str, found: Validation) -> None:
    recipe = Recipe(name="r", summary="", select=select)  # type: ignore[arg-type]
    assert epoch_score(recipe, 2, found) > epoch_score(recipe, 1, found)


def test_only_a_finite_score_above_the_best_one_is_better() -> None:
    assert is_better(0.5, None)
    assert is_better(0.5, 0.4)
    assert not is_better(0.4, 0.4)
    assert not is_better(math.nan, None)
    assert not is_better(math.inf, 0.4)


@pytest.mark.parametrize(("epochs", "stops"), [(4, False), (5, True), (6, True)])
def test_training_stops_after_as_many_epochs_without_a_better_one_as_patience_says(epochs: int, stops: bool) -> None:
    assert stops_early(Recipe(name="r", summary="", patience=3), epochs=epochs, best_epoch=2) is stops


def test_without_patience_training_never_stops_early() -> None:
    assert not stops_early(Recipe(name="r", summary=""), epochs=1000, best_epoch=1)
