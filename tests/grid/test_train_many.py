"""Grids of short trainings in real processes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from PIL import Image

from tests.grid.grid_process import find_processes, is_alive, train_many_process, wait_until
from tests.grids import finish_cell, grid_config, make_grid
from tests.listening import Listener
from tests.warm_python import WarmPython
from zoo.errors import DataError, RunError, TrainingError, UnknownNameError, UsageError
from zoo.grid import Grid, resume_grid, train_many
from zoo.runs import Run
from zoo.runs.grid_folder import GridFolder

pytestmark = pytest.mark.usefixtures("warm_runs")
"""Of grids that this process executes; those of grids in processes of their own begin as a user's do."""


def test_a_grid_has_a_run_folder_for_each_cell_and_a_table_of_their_metrics(trained_grid: Grid) -> None:
    assert trained_grid.failures == {}
    assert [run.path.name for run in trained_grid.runs] == ["resnet20-seed0", "senet20-seed0"]
    for run, model in zip(trained_grid.runs, ("resnet20", "senet20"), strict=True):
        record = run.record
        assert (record.config.model.name, record.status, record.resolved.recipe.fold) == (model, "finished", 1)
        rows = [row for row in trained_grid.table.rows if row.model == model and row.measure == "accuracy"]
        assert [row.mean for row in rows] == [run.metrics.measures.values["accuracy"]]
    assert "computing on" in (trained_grid.path / "logs" / "resnet20-seed0.txt").read_text()
    assert json.loads((trained_grid.path / "table.json").read_text())["finished"] == 2


def test_resuming_a_finished_grid_trains_nothing_and_makes_the_same_table(
    trained_grid: Grid, listener: Listener
) -> None:
    before = {path: path.stat().st_mtime_ns for path in trained_grid.path.rglob("*/run.yaml")}
    again = resume_grid(trained_grid.path, progress=listener)
    assert again.table == trained_grid.table
    assert {path: path.stat().st_mtime_ns for path in trained_grid.path.rglob("*/run.yaml")} == before
    assert listener.heard == [f"{trained_grid.path}: all 2 runs are already finished"]


@pytest.mark.parametrize(
    ("names", "options", "kind", "text"),
    [
        (["resnet21"], {}, UnknownNameError, "unknown model 'resnet21'"),
        (["resnet20", "resnet20"], {}, UsageError, "named more than once"),
        (["resnet20"], {"epoch": 1}, UnknownNameError, "unknown option 'epoch'"),
        (["resnet20"], {"epochs": 0}, UsageError, "epochs must be at least 1"),
        (["resnet20"], {"folds": 2}, UsageError, "folds must be at least 3"),
        (["resnet20"], {"folds": 99}, DataError, "40 images cannot be divided into 99 folds"),
        (["resnet20"], {"root": "nowhere"}, DataError, "there is no such folder"),
        (["resnet20"], {"device": "gpu"}, UsageError, "the device 'gpu' cannot be used"),
        (["resnet20"], {"jobs": 0}, UsageError, "jobs must be at least 1"),
        (["resnet20"], {"on": "moon"}, UsageError, "on must be one of here, slurm, submitit-local"),
        (["resnet20"], {"slurm": {"gpus": 1}}, UsageError, "the runs are not submitted to SLURM"),
    ],
)
def test_invalid_settings_of_a_grid_are_refused_before_its_folder_is_made(
    quick: dict[str, Any], tmp_path: Path, names: list[str], options: dict[str, Any], kind: type, text: str
) -> None:
    with pytest.raises(kind, match=text):
        train_many(names, out=tmp_path / "grid", **{**quick, "seeds": 2, **options})
    assert not (tmp_path / "grid").exists()


def test_a_grid_cannot_be_started_with_torchs_launcher(quick: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(UsageError, match="cannot be started with torchrun"):
        train_many(["resnet20"], seeds=2, **quick)


def test_resuming_a_grid_refuses_changed_settings_and_names_them(trained_grid: Grid, quick: dict[str, Any]) -> None:
    both = ["resnet20", "senet20"]
    resume_grid(trained_grid.path, {**quick, "folds": 3, "fold": 1}, models=both)
    for given, text in (
        ({"epochs": 3}, "epochs: 2 then, 3 now"),
        ({"seeds": 2}, "seeds: None then, 2 now"),
        ({"lr": 0.1}, "lr: None then, 0.1 now"),
        ({"data": "sample"}, "data: 'folder' then, 'sample' now"),
    ):
        with pytest.raises(RunError, match=text) as caught:
            resume_grid(trained_grid.path, given)
        assert "other settings" in str(caught.value)
    with pytest.raises(RunError, match=r"models: .* then, .* now"):
        resume_grid(trained_grid.path, models=["resnet20"])


def test_a_batch_that_is_larger_than_the_training_part_is_refused_before_the_first_run(
    quick: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(TrainingError, match=r"a batch of 64 is larger than the training part, of \d+ images"):
        train_many(["resnet20"], seeds=2, out=tmp_path / "grid", **{**quick, "batch_size": 64})
    assert not (tmp_path / "grid").exists()


def test_a_run_of_a_grid_is_refused_other_data_than_those_of_the_runs_before(
    trained_grid: Grid, tmp_path: Path
) -> None:
    path = Path(shutil.copytree(trained_grid.path, tmp_path / "grid"))
    tiles = Path(shutil.copytree(GridFolder.open(path).config.train.data.root or "", tmp_path / "tiles"))
    same = resume_grid(path, {"root": tiles})
    assert not same.failures
    shutil.rmtree(path / same.cells[0]["name"])
    picture = next(tiles.rglob("*.png"))
    Image.open(picture).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(picture)
    changed = resume_grid(path, {"root": tiles})
    (error,) = changed.failures.values()
    assert "the data are not those of" in error
    assert "data.fingerprint" in error


def test_a_grid_that_another_process_executes_is_refused(trained_grid: Grid) -> None:
    with (
        FileLock(trained_grid.path / ".lock"),
        pytest.raises(RunError, match="another process is executing this grid"),
    ):
        resume_grid(trained_grid.path)


def test_a_grid_that_another_process_executes_is_not_changed(trained_grid: Grid) -> None:
    before = (trained_grid.path / "grid.yaml").read_bytes()
    with FileLock(trained_grid.path / ".lock"), pytest.raises(RunError, match="another process"):
        resume_grid(trained_grid.path, {"save_every": 1.0, "jobs": 7})
    assert (trained_grid.path / "grid.yaml").read_bytes() == before


def test_a_run_that_fails_is_reported_and_the_other_runs_are_in_the_table(
    tmp_path: Path, quick: dict[str, Any], trained: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One cell's data do not exist; the other one is already finished."""
    config = grid_config("resnet20", seeds=2, epochs=1, data="folder", root=tmp_path / "gone")
    made = make_grid(tmp_path / "grid", config)
    finish_cell(made, config.cells[1], trained, {"balanced_accuracy": 0.5})
    grid = resume_grid(made.path)
    assert list(grid.failures) == ["resnet20-seed0"]
    assert "gone: there is no such folder" in grid.failures["resnet20-seed0"]
    assert [run.path.name for run in grid.runs] == ["resnet20-seed1"]
    assert grid.table.missing == ("resnet20-seed0",)
    assert [cell["state"] for cell in grid.as_dict()["cells"]] == ["failed", "finished"]


@pytest.fixture(scope="module")
def two_seeds(quick: dict[str, Any]) -> dict[str, Any]:
    """The settings of a grid of two runs."""
    given = {**quick, "root": str(quick["root"]), "augment": ["symmetries"], "epochs": 20}
    return {"models": ["resnet20"], "seeds": 2, **given}


@pytest.fixture(scope="module")
def uninterrupted(
    two_seeds: dict[str, Any], cache: Path, warm_python: WarmPython, tmp_path_factory: pytest.TempPathFactory
) -> Grid:
    """The grid of two runs, trained without interruption."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZOO_CACHE", str(cache))
        patch.setattr(sys, "executable", warm_python.executable)
        return train_many(**two_seeds, jobs=2, out=tmp_path_factory.mktemp("grids") / "uninterrupted")


@pytest.mark.slow
def test_a_grid_with_a_killed_run_is_resumed_to_the_same_weights_and_table(
    tmp_path: Path, two_seeds: dict[str, Any], uninterrupted: Grid
) -> None:
    with train_many_process({**two_seeds, "jobs": 2, "save_every": 0.0, "out": str(tmp_path / "killed")}) as process:
        victim = wait_for_checkpoint(process, tmp_path / "killed", "resnet20-seed0")
        os.kill(victim, signal.SIGKILL)
        assert process.wait(timeout=120) == 1
    made = GridFolder.open(tmp_path / "killed")
    first, second = made.config.cells
    assert made.is_finished(second)
    assert made.can_resume(first)
    assert "killed by SIGKILL" in made.error_text(first)
    check_same(uninterrupted, resume_grid(tmp_path / "killed"))


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_grid_stopped_or_killed_by_a_signal_is_resumed_to_the_same_table(
    tmp_path: Path, two_seeds: dict[str, Any], uninterrupted: Grid, number: signal.Signals
) -> None:
    """When the grid's process is killed, those of its runs notice that, and stop with a checkpoint."""
    with train_many_process({**two_seeds, "jobs": 1, "save_every": 0.0, "out": str(tmp_path / "stopped")}) as process:
        child = wait_for_checkpoint(process, tmp_path / "stopped", "resnet20-seed0")
        process.send_signal(number)
        status = process.wait(timeout=60)
        assert status == (-number if number == signal.SIGKILL else 128 + number)
        wait_until(lambda: not is_alive(child))
    made = GridFolder.open(tmp_path / "stopped")
    assert [made.state(cell) for cell in made.config.cells] == ["stopped", "waiting"]
    assert made.run(made.config.cells[0]).record.status == "interrupted"
    check_same(uninterrupted, resume_grid(tmp_path / "stopped", {"jobs": 2}))


@pytest.mark.slow
def test_a_run_killed_before_its_first_checkpoint_is_trained_from_the_beginning(
    tmp_path: Path, quick: dict[str, Any]
) -> None:
    grid = train_many(["resnet20"], seeds=1, out=tmp_path / "grid", **quick)
    (run,) = grid.runs
    before = run.metrics.measures
    (run.path / "run.yaml").write_text("")
    (again,) = resume_grid(grid.path).runs
    assert again.metrics.measures == before


def wait_for_checkpoint(grid_process: subprocess.Popen[bytes], grid: Path, cell: str) -> int:
    """Wait until a run has a checkpoint, and return its process."""
    wait_until(lambda: any((grid / cell / "checkpoint").glob("step-*.json")), process=grid_process)
    (process,) = find_processes("zoo.grid.__main__", str(grid), cell)
    return process


def check_same(one: Grid, other: Grid) -> None:
    """Check that two grids have the same table, weights and measures, to the last bit."""
    assert one.failures == other.failures == {}
    assert one.table.rows == other.table.rows
    for mine, theirs in zip(one.runs, other.runs, strict=True):
        weights = [run.bundle / "model.safetensors" for run in (mine, theirs)]
        assert weights[0].read_bytes() == weights[1].read_bytes()
        assert mine.metrics.measures == theirs.metrics.measures
