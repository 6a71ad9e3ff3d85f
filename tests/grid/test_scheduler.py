"""The scheduler, with an executor that trains nothing."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.grids import finish, grid_config, lay
from tests.listening import Listener
from zoo.config.grid_config import Cell
from zoo.errors import Interrupted
from zoo.grid.grid_folder import GridFolder
from zoo.grid.scheduler import Scheduler
from zoo.runs import Run

WANTED = grid_config("a", "b", seeds=2)
EPOCHS = dict.fromkeys(WANTED.cells, 2)
Act = Callable[["Scene", Cell], str]


@dataclass
class Made:
    """A job that ends after some looks."""

    scene: Scene
    cell: Cell
    looks: int = 2
    stopped: bool = False

    def over(self) -> bool:
        self.looks -= 1
        if self.looks > 0 and not self.stopped:
            return False
        if not self.stopped:
            self.said = self.scene.act(self.scene, self.cell)
        self.scene.busy -= 1
        return True

    def failure(self) -> str:
        return self.said

    def stop(self) -> None:
        self.stopped = True

    def kill(self) -> None:
        self.scene.killed.append(self.cell.name)


@dataclass
class Scene:
    """An executor that trains nothing."""

    like: Run
    act: Act
    room: int = 1
    pause: float = 0.0
    busy: int = 0
    most: int = 0
    slots: list[int] = field(default_factory=list)
    killed: list[str] = field(default_factory=list)

    def start(self, folder: GridFolder, cell: Cell, slot: int) -> Made:
        self.folder = folder
        self.busy += 1
        self.most = max(self.most, self.busy)
        self.slots.append(slot)
        return Made(self, cell)


def well(scene: Scene, cell: Cell) -> str:
    finish(scene.folder, cell, scene.like, {"balanced_accuracy": 0.75})
    return ""


@pytest.fixture
def made(tmp_path: Path) -> GridFolder:
    return lay(tmp_path / "grid", WANTED)


def test_all_runs_are_executed_one_after_another(made: GridFolder, trained: Run, listener: Listener) -> None:
    scene = Scene(trained, well)
    Scheduler(made, EPOCHS, scene, listener).work()
    assert all(made.finished(cell) for cell in WANTED.cells)
    assert scene.most == 1
    assert listener.heard[:2] == [
        "a-seed0 starts",
        "a-seed0 finished: balanced accuracy 0.750, 0:00:00; 3 left",
    ]
    assert listener.heard[-1] == "b-seed1 finished: balanced accuracy 0.750, 0:00:00"


def test_runs_at_the_same_time_have_different_slots(made: GridFolder, trained: Run, listener: Listener) -> None:
    scene = Scene(trained, well, room=3)
    Scheduler(made, EPOCHS, scene, listener).work()
    assert scene.most == 3
    assert sorted(scene.slots[:3]) == [0, 1, 2]


def test_more_runs_at_a_time_than_there_are_make_no_difference(
    made: GridFolder, trained: Run, listener: Listener
) -> None:
    scene = Scene(trained, well, room=10**12)
    Scheduler(made, EPOCHS, scene, listener).work()
    assert scene.slots == [0, 1, 2, 3]


def test_a_run_that_fails_does_not_stop_the_others(made: GridFolder, trained: Run, listener: Listener) -> None:
    def act(scene: Scene, cell: Cell) -> str:
        if cell.name == "a-seed0":
            made.error(cell).write_text("no such thing\n  look elsewhere\n")
            return ""
        return "it was struck by lightning" if cell.name == "b-seed0" else well(scene, cell)

    Scheduler(made, EPOCHS, Scene(trained, act), listener).work()
    assert [made.state(cell) for cell in WANTED.cells] == ["failed", "failed", "finished", "finished"]
    assert "a-seed0 FAILED: no such thing; 3 left" in listener.heard
    first, second = (made.reason(cell) for cell in WANTED.cells[:2])
    assert first == "no such thing\n  look elsewhere"
    assert second.startswith("it was struck by lightning; the end of its output is in ")


def test_an_earlier_error_is_removed_when_a_run_is_tried_again(
    made: GridFolder, trained: Run, listener: Listener
) -> None:
    made.error(WANTED.cells[0]).write_text("yesterday's\n")
    Scheduler(made, {WANTED.cells[0]: 2}, Scene(trained, well), listener).work()
    assert not made.error(WANTED.cells[0]).exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_running_runs_and_starts_no_more(
    made: GridFolder, trained: Run, listener: Listener, number: signal.Signals
) -> None:
    def act(scene: Scene, cell: Cell) -> str:
        if cell.name == "a-seed0":
            os.kill(os.getpid(), number)
        return well(scene, cell)

    scene = Scene(trained, act, room=2)
    with pytest.raises(Interrupted, match="2 runs are left") as caught:
        Scheduler(made, EPOCHS, scene, listener).work()
    assert caught.value.number == number
    assert caught.value.hint == f"resume with: zoo train --resume {made}"
    assert len(scene.slots) == 2
    assert not scene.killed
    assert sum(made.finished(cell) for cell in WANTED.cells) == 2


def test_a_running_run_is_asked_to_finish_its_step(made: GridFolder, trained: Run, listener: Listener) -> None:
    def act(scene: Scene, cell: Cell) -> str:
        os.kill(os.getpid(), signal.SIGINT)
        return well(scene, cell)

    scene = Scene(trained, act, room=2)
    scheduler = Scheduler(made, EPOCHS, scene, listener)
    begin = scene.start

    def start(folder: GridFolder, cell: Cell, slot: int) -> Made:
        job = begin(folder, cell, slot)
        job.looks = 2 if cell.name == "a-seed0" else 10**9
        return job

    scene.start = start  # type: ignore[method-assign]
    with pytest.raises(Interrupted, match="3 runs are left"):
        scheduler.work()
    assert "b-seed0 has stopped" in listener.heard
    assert made.state(WANTED.cells[1]) == "waiting"
    assert not scene.killed


def test_a_second_signal_kills_the_running_runs(made: GridFolder, trained: Run, listener: Listener) -> None:
    def act(scene: Scene, cell: Cell) -> str:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        return ""

    scene = Scene(trained, act, room=2)
    with pytest.raises(KeyboardInterrupt):
        Scheduler(made, EPOCHS, scene, listener).work()
    assert "b-seed0" in scene.killed


def test_how_long_all_runs_take_is_said_once_the_first_epoch_is_timed(
    made: GridFolder, trained: Run, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zoo.grid.scheduler.LOOK", 0.0)
    first = WANTED.cells[0]
    scene = Scene(trained, well)
    begin = scene.start

    def start(folder: GridFolder, cell: Cell, slot: int) -> Made:
        if cell == first:
            folder.run(cell).path.mkdir()
            (folder.run(cell).path / "history.jsonl").write_text("{}\n")
        job = begin(folder, cell, slot)
        job.looks = 4
        return job

    def act(scene: Scene, cell: Cell) -> str:
        shutil.rmtree(scene.folder.run(cell).path, ignore_errors=True)
        return well(scene, cell)

    scene.start, scene.act = start, act  # type: ignore[method-assign]
    Scheduler(made, EPOCHS, scene, listener).work()
    told = [line for line in listener.heard if "for all runs" in line]
    assert len(told) == 1
    assert told[0].startswith("about ")
    assert told[0].endswith("s an epoch as in the first run")
    assert listener.heard.index(told[0]) == 1


def test_epochs_of_an_earlier_sitting_do_not_shorten_the_time_that_all_runs_are_said_to_take(
    made: GridFolder, trained: Run, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zoo.grid.scheduler.LOOK", 0.0)
    for cell in WANTED.cells:
        made.run(cell).path.mkdir()
        (made.run(cell).path / "history.jsonl").write_text("{}\n")

    def act(scene: Scene, cell: Cell) -> str:
        shutil.rmtree(scene.folder.run(cell).path)
        return well(scene, cell)

    Scheduler(made, EPOCHS, Scene(trained, act), listener).work()
    assert not [line for line in listener.heard if "for all runs" in line]
