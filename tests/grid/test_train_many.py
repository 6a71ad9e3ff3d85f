"""Real processes, with trainings of a second."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from tests.grid.processes import alive, begin, processes, until
from tests.grids import finish, grid_config, lay
from tests.listening import Listener
from zoo.errors import DataError, RunError, UnknownNameError, UsageError
from zoo.grid import Grid, resume_grid, train_many
from zoo.grid.executors.local_processes import LocalProcesses
from zoo.grid.grid_folder import GridFolder
from zoo.runs import Run


def test_every_run_is_a_run_and_the_table_is_theirs(undisturbed: Grid) -> None:
    assert undisturbed.failures == {}
    assert [run.path.name for run in undisturbed.runs] == ["resnet20-seed0", "senet20-seed0"]
    for run, model in zip(undisturbed.runs, ("resnet20", "senet20"), strict=True):
        record = run.record
        assert (record.config.model.name, record.status, record.resolved.recipe.fold) == (model, "finished", 1)
        rows = [row for row in undisturbed.table.rows if row.model == model and row.measure == "accuracy"]
        assert [row.mean for row in rows] == [run.metrics.measures.values["accuracy"]]
    assert "computing on" in (undisturbed.path / "logs" / "resnet20-seed0.txt").read_text()
    assert json.loads((undisturbed.path / "table.json").read_text())["finished"] == 2


def test_a_finished_one_is_only_summed_up_again(undisturbed: Grid, listener: Listener) -> None:
    before = {path: path.stat().st_mtime_ns for path in undisturbed.path.rglob("*/run.yaml")}
    again = resume_grid(undisturbed.path, progress=listener)
    assert again.table == undisturbed.table
    assert {path: path.stat().st_mtime_ns for path in undisturbed.path.rglob("*/run.yaml")} == before
    assert listener.heard == [f"{undisturbed.path}: all 2 runs are finished already"]


@pytest.mark.parametrize(
    ("names", "options", "kind", "text"),
    [
        (["resnet21"], {}, UnknownNameError, "unknown model 'resnet21'"),
        (["resnet20", "resnet20"], {}, UsageError, "named more than once"),
        (["resnet20"], {"epoch": 1}, UnknownNameError, "unknown option 'epoch'"),
        (["resnet20"], {"epochs": 0}, UsageError, "epochs must be at least 1"),
        (["resnet20"], {"folds": 2}, UsageError, "folds must be at least 3"),
        (["resnet20"], {"folds": 99}, DataError, "the val part has no image of class"),
        (["resnet20"], {"root": "nowhere"}, DataError, "there is no such folder"),
        (["resnet20"], {"device": "gpu"}, UsageError, "the device 'gpu' cannot be used"),
        (["resnet20"], {"jobs": 0}, UsageError, "jobs must be at least 1"),
        (["resnet20"], {"on": "moon"}, UsageError, "on must be one of here, slurm, submitit-local"),
        (["resnet20"], {"slurm": {"gpus": 1}}, UsageError, "nothing is submitted to SLURM"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_made(
    quick: dict[str, Any], tmp_path: Path, names: list[str], options: dict[str, Any], kind: type, text: str
) -> None:
    with pytest.raises(kind, match=text):
        train_many(names, out=tmp_path / "grid", **{**quick, "seeds": 2, **options})
    assert not (tmp_path / "grid").exists()


def test_it_is_not_for_torchs_launcher(quick: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(UsageError, match="starts processes of its own"):
        train_many(["resnet20"], seeds=2, **quick)


def test_resuming_a_grid_refuses_settings_that_are_not_its_own(undisturbed: Grid, quick: dict[str, Any]) -> None:
    both = ["resnet20", "senet20"]
    resume_grid(undisturbed.path, {**quick, "folds": 3, "fold": 1}, models=both)
    for given, text in (
        ({"epochs": 3}, "epochs: 2 then, 3 now"),
        ({"seeds": 2}, "seeds: None then, 2 now"),
        ({"lr": 0.1}, "lr: None then, 0.1 now"),
        ({"data": "sample"}, "data: 'folder' then, 'sample' now"),
    ):
        with pytest.raises(RunError, match=text) as caught:
            resume_grid(undisturbed.path, given)
        assert "other settings" in str(caught.value)
    with pytest.raises(RunError, match=r"models: .* then, .* now"):
        resume_grid(undisturbed.path, models=["resnet20"])


def test_two_do_not_work_on_one(undisturbed: Grid) -> None:
    with (
        FileLock(undisturbed.path / ".lock"),
        pytest.raises(RunError, match="another process is working on this grid now"),
    ):
        resume_grid(undisturbed.path)


def test_one_that_fails_is_told_and_the_others_go_on(
    tmp_path: Path, quick: dict[str, Any], trained: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cell whose process cannot even begin, and one that is finished already."""
    config = grid_config("resnet20", seeds=2, epochs=1, data="folder", root=tmp_path / "gone")
    made = lay(tmp_path / "grid", config)
    finish(made, config.cells[1], trained, {"balanced_accuracy": 0.5})
    grid = resume_grid(made.path)
    assert list(grid.failures) == ["resnet20-seed0"]
    assert "gone: there is no such folder" in grid.failures["resnet20-seed0"]
    assert [run.path.name for run in grid.runs] == ["resnet20-seed1"]
    assert grid.table.missing == ("resnet20-seed0",)
    assert [cell["state"] for cell in grid.as_dict()["cells"]] == ["failed", "finished"]


@pytest.mark.slow
def test_killed_it_goes_on_to_the_same_weights_and_the_same_table(tmp_path: Path, quick: dict[str, Any]) -> None:
    given = {**quick, "root": str(quick["root"]), "augment": ["symmetries"], "epochs": 30, "save_every": 0.0}
    many = {"models": ["resnet20", "senet20"], "seeds": 1, "jobs": 2, **given}
    calm = train_many(**{**many, "out": tmp_path / "calm"})
    with begin({**many, "out": str(tmp_path / "killed")}) as begun:
        victim = when_writing(begun, tmp_path / "killed", "resnet20-seed0")
        os.kill(victim, signal.SIGKILL)
        assert begun.wait(timeout=120) == 1
    made = GridFolder.open(tmp_path / "killed")
    first, second = made.config.cells
    assert made.finished(second)
    assert made.begun(first)
    assert "killed by SIGKILL" in made.reason(first)
    same(calm, resume_grid(tmp_path / "killed"))


@pytest.fixture(scope="module")
def two(quick: dict[str, Any]) -> dict[str, Any]:
    """What the next test asks for."""
    given = {**quick, "root": str(quick["root"]), "augment": ["symmetries"], "epochs": 30}
    return {"models": ["resnet20"], "seeds": 2, **given}


@pytest.fixture(scope="module")
def calm(two: dict[str, Any], cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Grid:
    """What it gives undisturbed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZOO_CACHE", str(cache))
        return train_many(**two, jobs=2, out=tmp_path_factory.mktemp("grids") / "calm")


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_stopped_or_killed_as_a_whole_it_goes_on(
    tmp_path: Path, two: dict[str, Any], calm: Grid, number: signal.Signals
) -> None:
    """Killed, its processes notice that nobody waits for them, and stop with a checkpoint."""
    with begin({**two, "jobs": 1, "save_every": 0.0, "out": str(tmp_path / "stopped")}) as begun:
        child = when_writing(begun, tmp_path / "stopped", "resnet20-seed0")
        begun.send_signal(number)
        status = begun.wait(timeout=60)
        assert status == (-number if number == signal.SIGKILL else 128 + number)
        until(lambda: not alive(child))
    made = GridFolder.open(tmp_path / "stopped")
    assert [made.state(cell) for cell in made.config.cells] == ["stopped", "waiting"]
    assert made.run(made.config.cells[0]).record.status == "interrupted"
    same(calm, resume_grid(tmp_path / "stopped", {"jobs": 2}))


@pytest.mark.slow
def test_a_cell_that_was_killed_before_its_first_checkpoint_begins_anew(tmp_path: Path, quick: dict[str, Any]) -> None:
    grid = train_many(["resnet20"], seeds=1, out=tmp_path / "grid", **quick)
    (run,) = grid.runs
    before = run.metrics.measures
    (run.path / "run.yaml").write_text("")
    (again,) = resume_grid(grid.path).runs
    assert again.metrics["measures"] == before


def when_writing(begun: subprocess.Popen[bytes], grid: Path, cell: str) -> int:
    """The process of a run that has a checkpoint by now."""
    until(lambda: any((grid / cell / "checkpoint").glob("step-*.json")), process=begun)
    (process,) = processes("zoo.grid.__main__", str(grid), cell)
    return process


def same(one: Grid, other: Grid) -> None:
    """To the bit, apart from how long it took."""
    assert one.failures == other.failures == {}
    assert one.table.rows == other.table.rows
    for mine, theirs in zip(one.runs, other.runs, strict=True):
        weights = [run.bundle / "model.safetensors" for run in (mine, theirs)]
        assert weights[0].read_bytes() == weights[1].read_bytes()
        assert mine.metrics.measures == theirs.metrics.measures


def test_a_process_says_how_it_ended(tmp_path: Path) -> None:
    config = grid_config("resnet20", seeds=1)
    made = lay(tmp_path / "grid", config)
    job = LocalProcesses(1, 0).start(made, config.cells[0], 0)
    job.kill()
    assert job.over()
    assert job.failure() == "its process was killed by SIGKILL"
