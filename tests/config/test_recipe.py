from __future__ import annotations

import json
import math
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from zoo.config.fields import settings_of
from zoo.config.plain import from_plain, plain
from zoo.config.recipe import Recipe, recipe_from_file
from zoo.errors import CatalogError, UnknownNameError, UsageError

RECIPE = Recipe(name="ours", summary="a recipe", augment=("symmetries",), readings=("the rate is ours",))
ABOUT = {"name", "summary", "paper", "readings"}


def test_every_field_of_a_recipe_is_a_setting_except_its_description() -> None:
    assert {field.name for field in fields(Recipe)} - ABOUT == set(settings_of(Recipe))


def test_a_recipe_without_changes_is_the_same_recipe() -> None:
    assert RECIPE.changed({}) == RECIPE


def test_a_changed_setting_leaves_the_others_as_they_were() -> None:
    changed = RECIPE.changed({"epochs": 3, "lr": 1, "fractions": [0.5, 0.2, 0.3]})
    assert (changed.epochs, changed.lr, changed.fractions) == (3, 1.0, (0.5, 0.2, 0.3))
    assert isinstance(changed.lr, float)
    assert changed.changed({"epochs": 50, "lr": 1e-3, "fractions": (0.6, 0.1, 0.3)}) == RECIPE


def test_none_is_no_augmentation() -> None:
    """As in the documentation, and as for all settings that may be none."""
    assert RECIPE.changed({"augment": ("none",)}).augment == ()


def test_a_given_learning_rate_replaces_that_for_random_weights_too() -> None:
    both = RECIPE.changed({"lr": 1e-4, "lr_from_scratch": 1e-3})
    assert (both.starting_from("scratch").lr, both.starting_from("ImageNet-1k").lr) == (1e-3, 1e-4)
    assert both.changed({"lr": 0.1}).starting_from("scratch").lr == 0.1
    assert RECIPE.starting_from("scratch") == RECIPE


@pytest.mark.parametrize("name", [*sorted(ABOUT), "epoch"])
def test_only_settings_of_a_recipe_can_be_changed(name: str) -> None:
    with pytest.raises(UnknownNameError, match=f"unknown recipe setting '{name}'"):
        RECIPE.changed({name: "x"})


def test_a_misspelt_setting_of_a_recipe_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"did you mean epochs\?"):
        RECIPE.changed({"epoch": 3})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"epochs": 0}, "epochs must be at least 1 and at most 1,000,000, not 0"),
        ({"epochs": "3"}, "epochs must be a whole number, not '3'"),
        ({"epochs": 10**400}, "epochs must be at least 1 and at most 1,000,000"),
        ({"batch_size": 1}, "batch_size must be at least 2"),
        ({"height": 4}, "height must be at least 8"),
        ({"width": -1}, "width must be at least 8"),
        ({"width": 10**6}, "width must be at least 8 and at most 65,536"),
        ({"weight_decay": -0.1}, "weight_decay must be at least 0"),
        ({"lr": 0}, "lr must be above 0"),
        ({"lr": math.nan}, "lr must be a number, not nan"),
        ({"lr": math.inf}, "lr must be a number"),
        ({"lr": 10**400}, "lr must be a number"),
        ({"warmup": 1}, "warmup must be at least 0 and below 1, not 1.0"),
        ({"warmup": -0.1}, "warmup must be at least 0 and below 1, not -0.1"),
        ({"early_rate": 0}, "early_rate must be above 0 and at most 1"),
        ({"averaging": 1}, "averaging must be at least 0 and below 1"),
        ({"label_smoothing": 1}, "label_smoothing must be at least 0 and below 1"),
        ({"patience": 0}, "patience must be at least 1"),
        ({"folds": 2}, "folds must be at least 3 and at most 10,000, not 2"),
        ({"fold": -1}, "fold must be at least 0"),
        ({"folds": 5, "fold": 5}, "fold must be below the number of folds, 5, not 5"),
        ({"fold": 1}, "fold is 1, but folds is not given"),
        ({"folds": 10**12}, "folds must be at least 3 and at most 10,000"),
        ({"fractions": (0.5, 0.5)}, "fractions must be 3 numbers"),
        ({"fractions": (0.6, 0.2, 0.3)}, "fractions must add up to 1, not to 1.1"),
        ({"fractions": (0.3, 0.1, 0.3)}, "fractions must add up to 1, not to 0.7"),
        ({"fractions": (1.5, -0.5, 0.5)}, "fractions must be at least 0, not -0.5"),
        ({"optimizer": "adamm"}, "optimizer must be one of adam, adamw, sgd"),
        ({"split": "slide"}, "split must be one of "),
    ],
)
def test_a_value_out_of_its_range_or_type_is_refused_with_what_is_allowed(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        RECIPE.changed(changes)
    assert said in str(caught.value)


def test_every_number_of_a_recipe_has_a_range() -> None:
    numbers = [one for one in settings_of(Recipe).values() if one.hint in (int, float, int | None, float | None)]
    assert len(numbers) > 10
    assert [one.keyword for one in numbers if not str(one.range)] == []


def test_a_recipe_out_of_range_cannot_be_made() -> None:
    with pytest.raises(UsageError, match="epochs must be at least 1"):
        Recipe(name="bad", summary="", epochs=0)


def test_a_recipe_is_read_back_from_the_json_it_was_written_to() -> None:
    document = json.loads(json.dumps(plain(RECIPE)))
    assert set(document) == {field.name for field in fields(Recipe)}
    assert from_plain(Recipe, document) == RECIPE


def _written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_recipe_file_changes_the_recipe_that_it_names(tmp_path: Path) -> None:
    found = recipe_from_file(_written(tmp_path, "base: ours\nlr: 1e-5\naugment: [blur]\n"), {"ours": RECIPE})
    assert (found.name, found.lr, found.augment) == ("mine", 1e-5, ("blur",))
    assert (found.epochs, found.patience, found.readings) == (RECIPE.epochs, RECIPE.patience, ())


def test_a_recipe_file_without_a_base_has_the_defaults(tmp_path: Path) -> None:
    found = recipe_from_file(_written(tmp_path, "epochs: 3\nsummary: three\n"), {})
    assert (found.epochs, found.summary, found.batch_size, found.averaging) == (3, "three", 32, 0.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("epoch: 3", r"mine\.yaml:1: unknown key 'epoch'\n  did you mean epochs\?"),
        ("lr: fast", r"mine\.yaml:1: lr must be a number, not 'fast'"),
        ("lr: 1\nlr: 2", r"mine\.yaml:2: the key 'lr' occurs twice"),
        ("[1, 2]", r"mine\.yaml:1: must be a mapping"),
        ("lr: [", r"mine\.yaml:\d: is not YAML"),
        ("lr: 1\naveraging: 1.5", r"mine\.yaml:2: averaging must be at least 0 and below 1"),
        ("epochs: 0", r"mine\.yaml:1: epochs must be at least 1"),
        ("base: [modern]", r"mine\.yaml:1: must be a string"),
        ("base: {a: b}", r"mine\.yaml:1: must be a string"),
        ("augment: &a [*a]", r"mine\.yaml:1: is nested too deeply, or contains itself"),
        ("lr: 1\nname: ../up", r"mine\.yaml:2: '\.\./up' cannot be the name of a recipe"),
    ],
)
def test_an_error_in_a_recipe_file_names_the_file_and_the_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(CatalogError, match=said):
        recipe_from_file(_written(tmp_path, text), {})


def test_an_unknown_base_suggests_the_nearest_recipe(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"unknown recipe 'our'\n  did you mean ours\?"):
        recipe_from_file(_written(tmp_path, "base: our"), {"ours": RECIPE})


def test_a_recipe_file_that_is_missing_is_reported_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"none\.yaml: cannot be read"):
        recipe_from_file(tmp_path / "none.yaml", {})
