from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from zoo_demo.newest_runs import newest_runs


def test_without_a_runs_folder_there_are_no_newest_runs(tmp_path: Path) -> None:
    assert newest_runs(limit=4) == []


def test_newest_runs_are_the_last_four_that_finished_newest_first(runs: Callable[..., Path]) -> None:
    for day in range(1, 7):
        runs(f"dala-{day}", ended=f"2026-01-0{day}T00:00:00+00:00")
    runs("running", ended="2026-02-01T00:00:00+00:00", status="running")
    assert newest_runs(limit=4) == [f"runs/dala-{day}" for day in (6, 5, 4, 3)]


def test_newest_runs_leave_out_a_damaged_run_and_one_without_a_bundle(
    runs: Callable[..., Path], tmp_path: Path
) -> None:
    runs("good")
    (runs("damaged") / "run.yaml").write_text("[")
    (runs("bare") / "bundle").rename(tmp_path / "elsewhere")
    (tmp_path / "runs" / "note.txt").write_text("hello")
    assert newest_runs(limit=4) == ["runs/good"]


def test_newest_runs_are_found_in_the_working_folder_and_in_a_grid_too(
    runs: Callable[..., Path], tmp_path: Path
) -> None:
    runs("grid-1/dala-1", ended="2026-01-02T00:00:00+00:00")
    runs("other").rename(tmp_path / "mine")
    assert newest_runs(limit=4) == ["runs/grid-1/dala-1", "mine"]
