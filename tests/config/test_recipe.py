from __future__ import annotations

import json
import math
from dataclasses import fields
from typing import Any, get_type_hints

import pytest

from zoo.config.recipe import MEANINGS, RecipeChanges, changed_recipe, plain
from zoo.errors import UnknownNameError, UsageError
from zoo.spec import Recipe

RECIPE = Recipe(name="ours", summary="a recipe", augment=("symmetries",), readings=("the rate is ours",))
ABOUT = {"name", "summary", "paper", "readings"}


def test_every_value_of_a_recipe_can_be_changed_and_nothing_else() -> None:
    hints = get_type_hints(Recipe)
    assert get_type_hints(RecipeChanges) == {name: hint for name, hint in hints.items() if name not in ABOUT}


def test_no_change_is_the_same_recipe() -> None:
    assert changed_recipe(RECIPE, {}) == RECIPE


def test_a_change_changes_only_itself() -> None:
    changed = changed_recipe(RECIPE, {"epochs": 3, "lr": 1, "fractions": [0.5, 0.2, 0.3]})
    assert (changed.epochs, changed.lr, changed.fractions) == (3, 1.0, (0.5, 0.2, 0.3))
    assert isinstance(changed.lr, float)
    assert changed_recipe(changed, {"epochs": 50, "lr": 1e-3, "fractions": (0.6, 0.1, 0.3)}) == RECIPE


@pytest.mark.parametrize("name", [*sorted(ABOUT), "epoch"])
def test_what_is_no_value_cannot_be_changed(name: str) -> None:
    with pytest.raises(UnknownNameError, match=f"unknown recipe value '{name}'"):
        changed_recipe(RECIPE, {name: "x"})


def test_a_misspelt_value_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"did you mean epochs\?"):
        changed_recipe(RECIPE, {"epoch": 3})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"epochs": 0}, "epochs must be at least 1, not 0"),
        ({"epochs": "3"}, "epochs must be a whole number, not '3'"),
        ({"batch_size": 1}, "batch_size must be at least 2"),
        ({"height": 4}, "height must be at least 8"),
        ({"width": -1}, "width must be at least 8"),
        ({"weight_decay": -0.1}, "weight_decay must be at least 0"),
        ({"lr": 0}, "lr must be above 0"),
        ({"lr": math.nan}, "lr must be a number, not nan"),
        ({"lr": math.inf}, "lr must be a number"),
        ({"warmup": 1}, "warmup is a share"),
        ({"warmup": -0.1}, "warmup is a share"),
        ({"fractions": (0.5, 0.5)}, "fractions must be 3 numbers"),
        ({"optimizer": "adamm"}, "optimizer must be one of adam, adamw, sgd"),
        ({"split": "slide"}, "split must be one of "),
    ],
)
def test_a_value_that_cannot_be_is_told(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        changed_recipe(RECIPE, changes)
    assert said in str(caught.value)


def test_a_misspelt_augmentation_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"did you mean symmetries\?"):
        changed_recipe(RECIPE, {"augment": ("symetries",)})


def test_a_recipe_out_of_range_is_told_without_any_change() -> None:
    with pytest.raises(UsageError, match="epochs must be at least 1"):
        changed_recipe(Recipe(name="bad", summary="", epochs=0), {})


def test_a_recipe_goes_whole_into_json() -> None:
    document = json.loads(json.dumps(plain(RECIPE)))
    assert set(document) == {field.name for field in fields(Recipe)}
    assert document["augment"] == list(RECIPE.augment)


def test_every_value_has_a_meaning_and_a_meaning_a_value() -> None:
    assert list(MEANINGS) == list(get_type_hints(RecipeChanges))
