from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from zoo.config.recipe import RecipeChanges
from zoo.errors import DataError, UnknownNameError, UsageError
from zoo.grid.grid_config import GridConfig
from zoo.grid.train_options import OWN, TrainOptions, plain_options, plan_of
from zoo.training import train


def test_they_are_those_of_train() -> None:
    """A new option of `zoo.train` is to be one of grids too."""
    theirs = {*inspect.signature(train).parameters, *RecipeChanges.__annotations__} - OWN
    ours = {name for base in (TrainOptions, RecipeChanges) for name in base.__annotations__}
    assert ours == theirs


def test_a_misspelt_one_is_an_error() -> None:
    with pytest.raises(UnknownNameError, match="unknown option 'epoch'") as caught:
        plain_options({"epoch": 3})
    assert caught.value.hint is not None
    assert "epochs" in caught.value.hint


@pytest.mark.parametrize("name", ["seed", "out", "progress"])
def test_what_the_grid_says_itself_is_none_of_them(name: str) -> None:
    with pytest.raises(UnknownNameError):
        plain_options({name: 1})


def test_values_are_such_that_yaml_holds_them(tiles: Path) -> None:
    found = plain_options({"augment": ("crop",), "options": {"a": 1}, "data": "folder", "root": tiles})
    assert found == {"augment": ["crop"], "options": {"a": 1}, "data": "folder", "root": str(tiles)}


def test_a_place_is_the_same_from_wherever_a_run_begins(tiles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tiles.parent)
    assert plain_options({"data": "tiles/"}) == {"data": "folder", "root": str(tiles.resolve())}
    assert plain_options({"split_file": Path("a.csv")}) == {"split_file": str(tiles.parent.resolve() / "a.csv")}


def test_data_that_are_nowhere_are_said() -> None:
    with pytest.raises(DataError, match="there is no such folder"):
        plain_options({"data": "no/where"})


def test_every_value_is_checked_before_anything_begins() -> None:
    def plan(**options: object) -> object:
        config = GridConfig(models=("resnet20",), folds=3, options=plain_options(options))
        return plan_of(config, config.cells[1]).recipe

    assert plan(epochs=3) is not None
    for wrong, text in (({"epochs": 0}, "epochs"), ({"precision": "half"}, "precision"), ({"track": "x"}, "track")):
        with pytest.raises(UsageError, match=text):
            plan(**wrong)
