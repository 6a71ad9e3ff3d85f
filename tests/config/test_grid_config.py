from __future__ import annotations

from typing import Any

import pytest

from zoo.config.grid_config import Cell, ExecutionConfig, GridConfig
from zoo.config.plain import from_plain, plain
from zoo.errors import UnknownNameError, UsageError


def grid(*models: str, **given: Any) -> GridConfig:
    return GridConfig.from_keywords(models, given)


def test_every_model_is_trained_with_every_seed_on_every_fold() -> None:
    found = [cell.name for cell in grid("a", "b", seed=3, seeds=2, folds=3).cells]
    assert len(found) == len(set(found)) == 12
    assert found[:4] == ["a-seed3-fold0", "a-seed3-fold1", "a-seed3-fold2", "b-seed3-fold0"]
    assert found[-1] == "b-seed4-fold2"


def test_without_folds_there_is_one_run_a_seed() -> None:
    assert [cell.name for cell in grid("a", "b").cells] == ["a-seed0", "b-seed0"]
    assert [cell.name for cell in grid("a", seeds=2).cells] == ["a-seed0", "a-seed1"]


def test_each_run_has_its_own_model_seed_and_fold_and_the_settings_of_all() -> None:
    config = grid("a", "b", folds=3, epochs=2, seeds=2)
    train = config.train_config(Cell(model="b", seed=1, fold=2))
    assert (train.model.name, train.seed) == ("b", 1)
    assert train.recipe.changes == {"folds": 3, "fold": 2, "epochs": 2}


def test_a_given_fold_is_the_fold_of_every_run() -> None:
    config = grid("a", "b", folds=5, fold=2, seed=7)
    assert [cell.name for cell in config.cells] == ["a-seed7", "b-seed7"]
    assert config.train_config(config.cells[1]).recipe.changes == {"folds": 5, "fold": 2}


def test_keywords_reach_the_grid_its_execution_and_its_runs() -> None:
    config = grid("a", seeds=2, jobs=3, on="slurm", slurm={"partition": "gpu"}, lr=0.1)
    assert config.execution == ExecutionConfig(jobs=3, on="slurm", slurm={"partition": "gpu"})
    assert (config.seeds, config.train.recipe.changes) == (2, {"lr": 0.1})


def test_a_seed_of_the_split_changes_the_digest_of_a_grid_and_none_leaves_that_of_earlier_versions() -> None:
    assert grid("a", seeds=2, split_seed=0).digest != grid("a", seeds=2).digest
    train = plain(grid("a", seeds=2))
    del train["train"]["split_seed"]
    assert from_plain(GridConfig, train).digest == grid("a", seeds=2).digest


def test_a_grid_configuration_is_read_back_equal() -> None:
    config = grid("a", "b", seed=3, seeds=2, folds=4, epochs=2, jobs=2)
    assert from_plain(GridConfig, plain(config)) == config


@pytest.mark.parametrize(
    ("models", "given", "text"),
    [
        ((), {}, "needs at least one model"),
        (("a", "b", "a"), {}, "models named more than once: a"),
        (("a",), {"seeds": 0}, "seeds must be at least 1 and at most 10,000, not 0"),
        (("a", "b"), {"seeds": 1000, "folds": 100}, "200,000 runs are too many: at most 100,000"),
        (("a",), {"folds": 2}, "folds must be at least 3 and at most 10,000, not 2"),
        (("a",), {"jobs": 0}, "jobs must be at least 1, not 0"),
        (("a",), {"on": "local"}, "on must be one of here, slurm, submitit-local, not 'local'"),
        (("a",), {"epochs": 0}, "epochs must be at least 1"),
    ],
)
def test_settings_that_cannot_make_a_grid_are_refused(
    models: tuple[str, ...], given: dict[str, Any], text: str
) -> None:
    with pytest.raises(UsageError, match=text):
        grid(*models, **given)


@pytest.mark.parametrize("models", [3, None, [3], b"dala"])
def test_the_models_of_a_grid_are_named_by_strings(models: Any) -> None:
    with pytest.raises(UsageError, match=r"must be a list of names|must be a string"):
        GridConfig.from_keywords(models, {})


@pytest.mark.parametrize("name", ["epoch", "progress", "models"])
def test_an_unknown_keyword_of_a_grid_is_refused(name: str) -> None:
    with pytest.raises(UnknownNameError, match=f"unknown option '{name}'"):
        grid("a", **{name: 1})
