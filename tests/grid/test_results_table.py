"""The table of runs whose numbers are made up."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.grids import finish, grid_config, lay
from zoo.config.plain import plain
from zoo.grid.grid_folder import GridFolder
from zoo.grid.results_table import Row, collect
from zoo.runs import Run

T2 = 4.302653
IMAGES = {"train": 60, "val": 20, "test": 20}


def grid(path: Path, like: Run, values: Sequence[float | None], measure: str = "accuracy", **facts: Any) -> GridFolder:
    made = lay(path / "grid", grid_config("a", seeds=3))
    for cell, value in zip(made.config.cells, values, strict=False):
        finish(made, cell, like, {measure: value}, images=IMAGES, **facts)
    return made


def only(made: GridFolder) -> Row:
    (row,) = collect(made).rows
    return row


def test_mean_spread_and_interval_by_hand(tmp_path: Path, trained: Run) -> None:
    row = only(grid(tmp_path, trained, [0.5, 0.6, 0.55]))
    assert (row.model, row.measure, row.runs, row.undefined) == ("a", "accuracy", 3, 0)
    assert row.mean == pytest.approx(0.55)
    assert row.deviation == pytest.approx(0.05)
    reach = T2 * 0.05 * math.sqrt(1 / 3 + 20 / 60)
    assert row.interval == pytest.approx((0.55 - reach, 0.55 + reach), abs=1e-6)


def test_with_the_same_images_held_out_the_spread_is_the_trainings(tmp_path: Path, trained: Run) -> None:
    made = grid(tmp_path, trained, [0.5, 0.6, 0.55], split_digest="same")
    reach = T2 * 0.05 * math.sqrt(1 / 3)
    assert only(made).interval == pytest.approx((0.55 - reach, 0.55 + reach), abs=1e-6)
    assert collect(made).notes == (
        "a: the same images are held out in every run, so its spread is the training's alone",
    )


def test_a_recipe_that_changed_between_the_runs_of_a_model_is_said(tmp_path: Path, trained: Run) -> None:
    made = grid(tmp_path, trained, [0.5, 0.6, 0.55])
    run = made.run(made.config.cells[0])
    resolved = run.record.resolved
    assert collect(made).notes == ()
    run.update(resolved=replace(resolved, recipe=replace(resolved.recipe, folds=3, fold=1, lr=0.5)))
    assert collect(made).notes == ("a: the recipe changed between its runs",)
    run.update(resolved=replace(resolved, device="cuda"))
    assert collect(made).notes == ("a: its runs were computed on different devices, or in different precision",)


def test_what_is_missing_is_said_and_not_counted(tmp_path: Path, trained: Run) -> None:
    table = collect(grid(tmp_path, trained, [0.5]))
    assert table.finished == 1
    assert table.missing == ("a-seed1", "a-seed2")
    (row,) = table.rows
    assert (row.runs, row.mean, row.deviation, row.interval) == (1, 0.5, None, None)
    assert "one run has no spread" in row.reason


def test_a_value_that_one_run_lacks(tmp_path: Path, trained: Run) -> None:
    row = only(grid(tmp_path, trained, [0.5, None, 0.7], "precision"))
    assert (row.runs, row.undefined) == (2, 1)
    assert row.mean == pytest.approx(0.6)
    assert row.reason == "undefined in 1 of 3 runs"


def test_a_value_that_every_run_lacks(tmp_path: Path, trained: Run) -> None:
    row = only(grid(tmp_path, trained, [None, None, None], "auroc"))
    assert (row.runs, row.mean, row.interval, row.reason) == (0, None, None, "undefined in every run")


def test_a_loss_may_be_above_one(tmp_path: Path, trained: Run) -> None:
    row = only(grid(tmp_path, trained, [1.5, 2.5, 2.0], "loss"))
    assert row.interval is not None
    assert row.interval[0] >= 0
    assert row.interval[1] > 3


def test_data_that_changed_on_the_way_are_said_loudly(tmp_path: Path, trained: Run) -> None:
    made = grid(tmp_path, trained, [0.5, 0.6, 0.55])
    run = made.run(made.config.cells[0])
    run.update(data=replace(run.record.data, fingerprint="other"))
    assert any("THE DATA CHANGED" in note for note in collect(made).notes)


def test_it_is_a_file_for_programs_and_one_for_spreadsheets(tmp_path: Path, trained: Run) -> None:
    made = grid(tmp_path, trained, [0.5, 0.6])
    table = collect(made)
    table.write(made)
    document = json.loads((made.path / "table.json").read_text())
    assert document == json.loads(json.dumps(plain(table)))
    about = document["about"]
    assert about["data"] == ["tiles"]
    assert about["synthetic"] is False
    assert about["seeds"] == [0, 1, 2]
    assert about["level"] == 0.95
    assert "Nadeau and Bengio" in about["interval"]
    with (made.path / "table.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["model"] == "a"
    assert float(row["mean"]) == pytest.approx(0.55)
    assert float(row["low"]) < 0.55 < float(row["high"])


def test_nothing_finished_is_a_table_of_nothing(tmp_path: Path, trained: Run) -> None:
    made = grid(tmp_path, trained, [])
    table = collect(made)
    table.write(made)
    assert (table.rows, table.finished, len(table.missing)) == ((), 0, 3)
