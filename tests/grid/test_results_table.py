from __future__ import annotations

import csv
import json
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.grids import finish_cell, grid_config, make_grid
from zoo.config.plain import plain
from zoo.grid.results_table import Row, make_table
from zoo.metrics.intervals import UNKNOWN_PATIENTS
from zoo.metrics.metrics_file import SeenImages
from zoo.runs import Run
from zoo.runs.grid_folder import GridFolder

T2 = 4.302653
"""The 97.5 % quantile of Student's t with two degrees of freedom."""
IMAGES = {"train": 60, "val": 20, "test": 20}


def finished_grid(
    path: Path, like: Run, values: Sequence[float | None], measure: str = "accuracy", **facts: Any
) -> GridFolder:
    """Return a grid of three runs, finished with these values of a measure."""
    made = make_grid(path / "grid", grid_config("a", seeds=3))
    for cell, value in zip(made.config.cells, values, strict=False):
        finish_cell(made, cell, like, {measure: value}, images=IMAGES, **facts)
    return made


def only_row(made: GridFolder) -> Row:
    """Return the row of a table that has one."""
    (row,) = make_table(made).rows
    return row


def test_mean_deviation_and_interval_equal_those_computed_by_hand(tmp_path: Path, trained: Run) -> None:
    row = only_row(finished_grid(tmp_path, trained, [0.5, 0.6, 0.55]))
    assert (row.model, row.measure, row.runs, row.undefined) == ("a", "accuracy", 3, 0)
    assert row.mean == pytest.approx(0.55)
    assert row.deviation == pytest.approx(0.05)
    reach = T2 * 0.05 * math.sqrt(1 / 3 + 20 / 60)
    assert row.interval == pytest.approx((0.55 - reach, 0.55 + reach), abs=1e-6)


def test_a_measure_that_never_has_an_interval_has_none_over_runs(tmp_path: Path, trained: Run) -> None:
    row = only_row(finished_grid(tmp_path, trained, [0.5, 0.6, 0.55], "calibration_error"))
    assert (row.interval, row.reason) == (None, "no interval: ECE is biased upward in small samples")
    assert row.deviation == pytest.approx(0.05)


def test_a_note_says_that_runs_with_the_same_test_images_vary_by_training_alone(tmp_path: Path, trained: Run) -> None:
    made = finished_grid(tmp_path, trained, [0.5, 0.6, 0.55], split_digest="same")
    reach = T2 * 0.05 * math.sqrt(1 / 3)
    assert only_row(made).interval == pytest.approx((0.55 - reach, 0.55 + reach), abs=1e-6)
    assert make_table(made).notes == (
        "a: all runs are tested on the same images, so the spread is that of training alone",
        UNKNOWN_PATIENTS,
    )


def test_a_recipe_that_changed_between_the_runs_of_a_model_is_noted(tmp_path: Path, trained: Run) -> None:
    made = finished_grid(tmp_path, trained, [0.5, 0.6, 0.55])
    run = made.run(made.config.cells[0])
    resolved = run.record.resolved
    assert make_table(made).notes == (UNKNOWN_PATIENTS,)
    run.update(resolved=replace(resolved, recipe=replace(resolved.recipe, folds=3, fold=1, lr=0.5)))
    assert make_table(made).notes[:-1] == ("a: the recipe changed between its runs",)
    run.update(resolved=replace(resolved, device="cuda"))
    assert make_table(made).notes[:-1] == ("a: its runs were computed on different devices, or in different precision",)


def test_only_the_folds_that_are_finished_are_said_to_be_trained(tmp_path: Path, trained: Run) -> None:
    made = make_grid(tmp_path / "grid", grid_config("a", folds=5))
    for cell in made.config.cells[:3]:
        finish_cell(made, cell, trained, {"accuracy": 0.8}, images=IMAGES)
    assert make_table(made).about["trainings"] == "3 folds of one split"


def test_runs_that_were_measured_on_seen_images_or_name_one_class_are_noted(tmp_path: Path, trained: Run) -> None:
    made = finished_grid(tmp_path, trained, [0.5, 0.6, 0.55])
    file = made.run(made.config.cells[0]).path / "metrics.json"
    document = json.loads(file.read_text())
    seen = SeenImages(known=True, images=3, identical=3, measured=True)
    constant = {**document["measures"], "confusion": [[0, 6], [0, 6]]}
    file.write_text(json.dumps({**document, "seen": plain(seen), "measures": constant}))
    leak, one_class, unknown = make_table(made).notes
    assert unknown == UNKNOWN_PATIENTS
    assert leak.startswith("LEAKED: 1 of 3 runs of a were measured on images or patients that were also in training")
    assert one_class == "1 of 3 runs of a classified every image as one class"


def test_runs_that_are_not_finished_are_listed_and_not_counted(tmp_path: Path, trained: Run) -> None:
    table = make_table(finished_grid(tmp_path, trained, [0.5]))
    assert table.finished == 1
    assert table.missing == ("a-seed1", "a-seed2")
    (row,) = table.rows
    assert (row.runs, row.mean, row.deviation, row.interval) == (1, 0.5, None, None)
    assert "one run has no spread" in row.reason


def test_a_measure_that_is_undefined_in_one_run_is_averaged_over_the_others(tmp_path: Path, trained: Run) -> None:
    row = only_row(finished_grid(tmp_path, trained, [0.5, None, 0.7], "precision"))
    assert (row.runs, row.undefined) == (2, 1)
    assert row.mean == pytest.approx(0.6)
    assert row.reason == "undefined in 1 of 3 runs"


def test_a_measure_that_is_undefined_in_every_run_has_no_mean(tmp_path: Path, trained: Run) -> None:
    row = only_row(finished_grid(tmp_path, trained, [None, None, None], "auroc"))
    assert (row.runs, row.mean, row.interval, row.reason) == (0, None, None, "undefined in every run")


def test_the_interval_of_a_loss_may_reach_above_one(tmp_path: Path, trained: Run) -> None:
    row = only_row(finished_grid(tmp_path, trained, [1.5, 2.5, 2.0], "loss"))
    assert row.interval is not None
    assert row.interval[0] >= 0
    assert row.interval[1] > 3


def test_a_note_says_that_the_data_changed_between_runs(tmp_path: Path, trained: Run) -> None:
    made = finished_grid(tmp_path, trained, [0.5, 0.6, 0.55])
    run = made.run(made.config.cells[0])
    run.update(data=replace(run.record.data, fingerprint="other"))
    assert any("THE DATA CHANGED" in note for note in make_table(made).notes)


def test_the_table_names_the_rarest_class_and_says_that_patients_are_not_known(tmp_path: Path, trained: Run) -> None:
    made = make_table(finished_grid(tmp_path, trained, [0.5, 0.6]))
    assert made.about["rarest_class"] == [trained.metrics.measures.minority]
    assert UNKNOWN_PATIENTS in made.notes


def test_the_table_is_written_as_json_with_its_description_and_as_csv(tmp_path: Path, trained: Run) -> None:
    made = finished_grid(tmp_path, trained, [0.5, 0.6])
    table = make_table(made)
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


def test_the_table_of_a_grid_without_finished_runs_is_empty(tmp_path: Path, trained: Run) -> None:
    made = finished_grid(tmp_path, trained, [])
    table = make_table(made)
    table.write(made)
    assert (table.rows, table.finished, len(table.missing)) == ((), 0, 3)
