from __future__ import annotations

import re
from pathlib import Path

from tests.grids import finish_cell, grid_config, make_grid
from zoo.files import write_text
from zoo.grid import Grid
from zoo.grid.grid_report import write_grid_report
from zoo.grid.results_table import make_table
from zoo.progress import Silent
from zoo.runs import Run


def test_a_grid_of_several_models_is_reported_with_its_comparison_curves_and_splits(trained_grid: Grid) -> None:
    page = (trained_grid.path / "report.html").read_text()
    text = (trained_grid.path / "report.md").read_text()
    assert trained_grid.table.comparison is not None
    assert f"**{trained_grid.table.comparison.sentence}**" in text
    for name in ("Training loss", "Validation loss", "Validation accuracy"):
        assert re.search(rf"{name} by epoch: resnet20: .*; senet20: ", text)
        assert f">{name} by epoch</h3>" in page
    assert "| resnet20-seed0 | image | 0 | " in text
    accuracy = next(row for row in trained_grid.table.rows if row.measure == "accuracy")
    assert f"| accuracy | {accuracy.model} | 1 | {accuracy.mean:.3f} |" in text
    assert "What was not done" in page


def grid_of_one(path: Path, like: Run) -> str:
    """Return the report of three runs of one model, of which one failed."""
    folder = make_grid(path, grid_config("resnet20", seeds=3))
    cells = folder.config.cells
    for cell, value in zip(cells, (0.7, 0.8), strict=False):
        finish_cell(folder, cell, like, {"balanced_accuracy": value})
    write_text(folder.error_file(cells[2]), "out of memory\nand more\n")
    write_grid_report(folder, make_table(folder), Silent())
    return (path / "report.md").read_text()


def test_runs_of_one_model_are_reported_with_their_mean_and_the_spread_between_trainings(
    tmp_path: Path, trained: Run
) -> None:
    text = grid_of_one(tmp_path / "grid", trained)
    assert "**Over 2 runs, resnet20 reaches a balanced accuracy of 0.750 (95 % interval of the mean" in text
    assert "with a standard deviation of 0.071 between runs" in text


def test_the_runs_that_are_missing_are_listed_with_the_first_line_of_their_error(tmp_path: Path, trained: Run) -> None:
    text = grid_of_one(tmp_path / "grid", trained)
    assert "- resnet20-seed2: out of memory\n" in text
    assert "1 run of it did not end" in text


def test_a_grid_without_a_finished_run_has_no_report(tmp_path: Path) -> None:
    folder = make_grid(tmp_path / "grid", grid_config("resnet20", seeds=2))
    write_grid_report(folder, make_table(folder), Silent())
    assert not (tmp_path / "grid" / "report.html").exists()
