from __future__ import annotations

from typing import Any

import pytest

from zoo.errors import UsageError
from zoo.grid.grid_config import Cell, GridConfig


def names(**given: Any) -> list[str]:
    return [cell.name for cell in GridConfig(**{"options": {}, **given}).cells]


def test_every_model_with_every_seed_on_every_fold() -> None:
    found = names(models=("a", "b"), seed=3, seeds=2, folds=3)
    assert len(found) == len(set(found)) == 12
    assert found[:4] == ["a-seed3-fold0", "a-seed3-fold1", "a-seed3-fold2", "b-seed3-fold0"]
    assert found[-1] == "b-seed4-fold2"


def test_without_folds_there_is_one_run_a_seed() -> None:
    assert names(models=("a", "b")) == ["a-seed0", "b-seed0"]
    assert names(models=("a",), seeds=2) == ["a-seed0", "a-seed1"]


def test_each_is_told_its_seed_and_its_fold_and_what_all_are_told() -> None:
    config = GridConfig(models=("a",), folds=3, options={"epochs": 2})
    assert config.options_of(config.cells[1]) == {"epochs": 2, "folds": 3, "fold": 1, "seed": 0}
    one = GridConfig(models=("a", "b"), options={"folds": 5, "fold": 2}, seed=7)
    assert one.options_of(one.cells[1]) == {"folds": 5, "fold": 2, "seed": 7}


def test_it_can_be_written_down_and_read_back() -> None:
    config = GridConfig(models=("a", "b"), seed=3, seeds=2, folds=4, options={"epochs": 2})
    assert GridConfig.from_dict(config.as_dict()) == config


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"models": ()}, "needs the name of a model"),
        ({"models": ("a", "b", "a")}, "named twice: a"),
        ({"models": ("a",), "seeds": 0}, "seeds must be at least 1, not 0"),
        ({"models": ("a",), "folds": 2}, "folds must be at least 3, not 2"),
    ],
)
def test_what_cannot_be_a_grid_is_said(given: dict[str, Any], text: str) -> None:
    with pytest.raises(UsageError, match=text):
        names(**given)


def test_a_cell_without_a_fold_has_none_in_its_name() -> None:
    assert Cell(model="a", seed=1).name == "a-seed1"
