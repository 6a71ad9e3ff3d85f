from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.grids import finish_cell, grid_config, make_grid
from tests.listening import Listener
from tests.training.epochs import made_up_epochs
from zoo.config.grid_config import Cell
from zoo.errors import Interrupted
from zoo.grid.scheduler import Scheduler
from zoo.runs import Run
from zoo.runs.grid_folder import GridFolder
from zoo.runs.history import write_history

CONFIG = grid_config("a", "b", seeds=2)
EPOCHS = dict.fromkeys(CONFIG.cells, 2)
Outcome = Callable[["FakeExecutor", Cell], str]
"""Writes the files that a cell's run would write, and returns how its process ended."""


@dataclass
class FakeJob:
    """A job that is done after being checked a few times."""

    executor: FakeExecutor
    cell: Cell
    checks: int = 2
    stopped: bool = False

    def is_done(self) -> bool:
        self.checks -= 1
        if self.checks > 0 and not self.stopped:
            return False
        if not self.stopped:
            self.ended = self.executor.outcome(self.executor, self.cell)
        self.executor.busy -= 1
        return True

    def failure(self) -> str:
        return self.ended

    def stop(self) -> None:
        self.stopped = True

    def kill(self) -> None:
        self.executor.killed.append(self.cell.name)


@dataclass
class FakeExecutor:
    """An executor that trains nothing."""

    like: Run
    outcome: Outcome
    slots: int = 1
    poll_seconds: float = 0.0
    busy: int = 0
    most_busy: int = 0
    used_slots: list[int] = field(default_factory=list)
    killed: list[str] = field(default_factory=list)

    def start(self, folder: GridFolder, cell: Cell, slot: int) -> FakeJob:
        self.folder = folder
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        self.used_slots.append(slot)
        return FakeJob(self, cell)


def succeed(executor: FakeExecutor, cell: Cell) -> str:
    """Finish a cell with a balanced accuracy of 0.75."""
    finish_cell(executor.folder, cell, executor.like, {"balanced_accuracy": 0.75})
    return ""


@pytest.fixture
def made(tmp_path: Path) -> GridFolder:
    return make_grid(tmp_path / "grid", CONFIG)


def test_runs_are_executed_one_after_another_with_a_single_slot(
    made: GridFolder, trained: Run, listener: Listener
) -> None:
    executor = FakeExecutor(trained, succeed)
    Scheduler(made, EPOCHS, executor, listener).run()
    assert all(made.is_finished(cell) for cell in CONFIG.cells)
    assert executor.most_busy == 1
    assert listener.heard[:2] == [
        "a-seed0 starts",
        "a-seed0 finished: balanced accuracy 0.750, 0:00:00; 3 left",
    ]
    assert listener.heard[-1] == "b-seed1 finished: balanced accuracy 0.750, 0:00:00"


def test_runs_at_the_same_time_have_different_slots(made: GridFolder, trained: Run, listener: Listener) -> None:
    executor = FakeExecutor(trained, succeed, slots=3)
    Scheduler(made, EPOCHS, executor, listener).run()
    assert executor.most_busy == 3
    assert sorted(executor.used_slots[:3]) == [0, 1, 2]


def test_more_slots_than_runs_make_no_difference(made: GridFolder, trained: Run, listener: Listener) -> None:
    executor = FakeExecutor(trained, succeed, slots=10**12)
    Scheduler(made, EPOCHS, executor, listener).run()
    assert executor.used_slots == [0, 1, 2, 3]


def test_a_run_that_fails_does_not_stop_the_others(made: GridFolder, trained: Run, listener: Listener) -> None:
    def outcome(executor: FakeExecutor, cell: Cell) -> str:
        if cell.name == "a-seed0":
            made.error_file(cell).write_text("no such thing\n  look elsewhere\n")
            return ""
        return "its process was killed by SIGKILL" if cell.name == "b-seed0" else succeed(executor, cell)

    Scheduler(made, EPOCHS, FakeExecutor(trained, outcome), listener).run()
    assert [made.state(cell) for cell in CONFIG.cells] == ["failed", "failed", "finished", "finished"]
    assert "a-seed0 FAILED: no such thing; 3 left" in listener.heard
    first, second = (made.error_text(cell) for cell in CONFIG.cells[:2])
    assert first == "no such thing\n  look elsewhere"
    assert second.startswith("its process was killed by SIGKILL; the end of its output is in ")


def test_an_earlier_error_is_removed_when_a_run_is_tried_again(
    made: GridFolder, trained: Run, listener: Listener
) -> None:
    made.error_file(CONFIG.cells[0]).write_text("an earlier error\n")
    Scheduler(made, {CONFIG.cells[0]: 2}, FakeExecutor(trained, succeed), listener).run()
    assert not made.error_file(CONFIG.cells[0]).exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_after_a_signal_no_more_runs_are_started(
    made: GridFolder, trained: Run, listener: Listener, number: signal.Signals
) -> None:
    def outcome(executor: FakeExecutor, cell: Cell) -> str:
        if cell.name == "a-seed0":
            os.kill(os.getpid(), number)
        return succeed(executor, cell)

    executor = FakeExecutor(trained, outcome, slots=2)
    with pytest.raises(Interrupted, match="2 runs are left") as caught:
        Scheduler(made, EPOCHS, executor, listener).run()
    assert caught.value.number == number
    assert caught.value.hint == f"resume with: zoo train --resume {made}"
    assert len(executor.used_slots) == 2
    assert not executor.killed
    assert sum(made.is_finished(cell) for cell in CONFIG.cells) == 2


def test_after_a_signal_running_runs_are_asked_to_stop_and_not_killed(
    made: GridFolder, trained: Run, listener: Listener
) -> None:
    def outcome(executor: FakeExecutor, cell: Cell) -> str:
        os.kill(os.getpid(), signal.SIGINT)
        return succeed(executor, cell)

    executor = FakeExecutor(trained, outcome, slots=2)
    scheduler = Scheduler(made, EPOCHS, executor, listener)
    real_start = executor.start

    def start(folder: GridFolder, cell: Cell, slot: int) -> FakeJob:
        job = real_start(folder, cell, slot)
        job.checks = 2 if cell.name == "a-seed0" else 10**9
        return job

    executor.start = start  # type: ignore[method-assign]
    with pytest.raises(Interrupted, match="3 runs are left"):
        scheduler.run()
    assert "b-seed0 stopped" in listener.heard
    assert made.state(CONFIG.cells[1]) == "waiting"
    assert not executor.killed


def test_a_second_signal_kills_the_running_runs(made: GridFolder, trained: Run, listener: Listener) -> None:
    def outcome(executor: FakeExecutor, cell: Cell) -> str:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        return ""

    executor = FakeExecutor(trained, outcome, slots=2)
    with pytest.raises(KeyboardInterrupt):
        Scheduler(made, EPOCHS, executor, listener).run()
    assert "b-seed0" in executor.killed


def test_the_time_for_all_runs_is_reported_once_and_is_that_of_an_epoch_after_the_first(
    made: GridFolder, trained: Run, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first epoch may take much longer than all others."""
    monkeypatch.setattr("zoo.grid.scheduler.COUNT_SECONDS", 0.0)
    first = CONFIG.cells[0]
    executor = FakeExecutor(trained, succeed)
    real_start = executor.start

    def start(folder: GridFolder, cell: Cell, slot: int) -> FakeJob:
        if cell == first:
            folder.run(cell).path.mkdir()
            cold, warm = made_up_epochs(2)
            write_history(folder.run(cell).path / "history.jsonl", [replace(cold, seconds=1000.0), warm])
        job = real_start(folder, cell, slot)
        job.checks = 4
        return job

    def outcome(executor: FakeExecutor, cell: Cell) -> str:
        shutil.rmtree(executor.folder.run(cell).path, ignore_errors=True)
        return succeed(executor, cell)

    executor.start, executor.outcome = start, outcome  # type: ignore[method-assign]
    Scheduler(made, EPOCHS, executor, listener).run()
    estimates = [line for line in listener.heard if "for all runs" in line]
    assert estimates == ["about 0:00:06 for all runs: 1.0 s an epoch and 0 s to start, as in the first run"]
    assert listener.heard.index(estimates[0]) == 1


def test_the_epochs_of_an_earlier_session_do_not_shorten_the_estimate(
    made: GridFolder, trained: Run, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zoo.grid.scheduler.COUNT_SECONDS", 0.0)
    for cell in CONFIG.cells:
        made.run(cell).path.mkdir()
        (made.run(cell).path / "history.jsonl").write_text("{}\n")

    def outcome(executor: FakeExecutor, cell: Cell) -> str:
        shutil.rmtree(executor.folder.run(cell).path)
        return succeed(executor, cell)

    Scheduler(made, EPOCHS, FakeExecutor(trained, outcome), listener).run()
    assert not [line for line in listener.heard if "for all runs" in line]


def test_the_estimate_has_no_epochs_that_waiting_runs_did_in_an_earlier_session(
    made: GridFolder, trained: Run, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zoo.grid.scheduler.COUNT_SECONDS", 0.0)
    epochs = dict.fromkeys(CONFIG.cells, 10)
    for cell in CONFIG.cells:
        made.run(cell).path.mkdir()
        write_history(made.run(cell).path / "history.jsonl", made_up_epochs(6))
    executor = FakeExecutor(trained, succeed)
    real_start = executor.start

    def start(folder: GridFolder, cell: Cell, slot: int) -> FakeJob:
        job = real_start(folder, cell, slot)
        write_history(folder.run(cell).path / "history.jsonl", made_up_epochs(8))
        job.checks = 4
        return job

    def outcome(executor: FakeExecutor, cell: Cell) -> str:
        shutil.rmtree(executor.folder.run(cell).path)
        return succeed(executor, cell)

    executor.start, executor.outcome = start, outcome  # type: ignore[method-assign]
    Scheduler(made, epochs, executor, listener).run()
    (estimate,) = [line for line in listener.heard if "for all runs" in line]
    assert estimate.startswith("about 0:00:14 for all runs: "), "2 epochs of this run, 4 of each of the 3 that wait"
