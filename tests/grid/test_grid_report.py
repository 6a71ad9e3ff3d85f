from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from tests.grids import finish_cell, grid_config, make_grid
from tests.reports.pages import Elements
from zoo.config.plain import plain
from zoo.files import write_json, write_text
from zoo.grid import Grid
from zoo.grid.grid_report import write_grid_report
from zoo.grid.results_table import make_table
from zoo.metrics.metrics_file import SeenImages
from zoo.progress import Silent
from zoo.runs import METRICS, Run


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


TOLD_APART, ONE_CLASS = ((6, 0), (0, 6)), ((0, 6), (0, 6))


def heads(path: Path, like: Run, seen: SeenImages | None, *confusions: tuple[tuple[int, int], ...]) -> list[str]:
    """What stands before the first table in the two reports of a grid of one model, with a run for each matrix."""
    folder = make_grid(path, grid_config("resnet20", seeds=len(confusions)))
    for cell, confusion in zip(folder.config.cells, confusions, strict=True):
        run = finish_cell(folder, cell, like, {"balanced_accuracy": 0.7})
        measures = replace(run.metrics.measures, confusion=confusion)
        write_json(run.path / METRICS, plain(replace(run.metrics, seen=seen, measures=measures)))
    write_grid_report(folder, make_table(folder), Silent())
    page, text = ((path / f"report.{kind}").read_text() for kind in ("html", "md"))
    return [one.partition("All measures")[0] for one in (Elements(page).text, text)]


def test_leaked_runs_and_those_that_name_one_class_are_warned_of_before_the_first_table(
    tmp_path: Path, trained: Run
) -> None:
    seen = SeenImages(known=True, images=3, identical=3, measured=True)
    for head in heads(tmp_path / "grid", trained, seen, ONE_CLASS, TOLD_APART):
        assert "LEAKED: 2 of 2 runs of resnet20 were measured on images or patients that were also in training" in head
        assert "1 of 2 runs of resnet20 classified every image as one class." in head


def test_runs_of_which_it_is_not_known_what_they_have_seen_are_warned_of_before_the_first_table(
    tmp_path: Path, trained: Run
) -> None:
    seen = SeenImages(known=False, measured=True)
    for head in heads(tmp_path / "grid", trained, seen, TOLD_APART, TOLD_APART):
        assert (
            "Possibly leaked: 2 of 2 runs of resnet20 started from weights whose training is not fully known." in head
        )
        assert "LEAKED" not in head


def test_a_grid_of_runs_without_a_doubt_has_no_warning(tmp_path: Path, trained: Run) -> None:
    _, text = heads(tmp_path / "grid", trained, None, TOLD_APART, TOLD_APART)
    assert "> " not in text


def test_a_grid_without_a_finished_run_has_no_report(tmp_path: Path) -> None:
    folder = make_grid(tmp_path / "grid", grid_config("resnet20", seeds=2))
    write_grid_report(folder, make_table(folder), Silent())
    assert not (tmp_path / "grid" / "report.html").exists()
