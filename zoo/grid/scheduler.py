"""Starts the runs of a grid, so many at a time, watches them, and reports how they go."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from zoo.config.grid_config import Cell
from zoo.errors import Interrupted
from zoo.files import write_text
from zoo.grid.executors.executor import Executor, Job
from zoo.grid.grid_folder import GridFolder
from zoo.metrics.names import measure_name
from zoo.progress import Reporter, Task
from zoo.progress.rate import clock
from zoo.runs import HISTORY
from zoo.signals import StopRequest, listen_for_signals

POLL = 0.1
"""Seconds until a signal is noticed."""
LOOK = 1.0
"""Seconds between two looks at how many epochs the runs have done."""


@dataclass
class Running:
    """A cell that is being trained."""

    cell: Cell
    job: Job
    began: float
    before: int
    """Epochs that were done before it began."""
    epochs: int
    """Epochs done that were counted."""


class Scheduler:
    """Works through the cells that are left."""

    def __init__(self, folder: GridFolder, epochs: Mapping[Cell, int], executor: Executor, progress: Reporter) -> None:
        """`epochs` has the cells that are left, each with its number of epochs."""
        self.folder, self.epochs, self.executor, self.progress = folder, epochs, executor, progress
        self.waiting = deque(epochs)
        self.running: dict[int, Running] = {}
        self.left = len(epochs)
        self._estimated = False
        self._looked = 0.0

    def work(self) -> None:
        """Train until nothing is left. A signal stops what runs, each after a step with a checkpoint."""
        total = sum(self.epochs.values())
        done = sum(self._epochs_done(cell) for cell in self.epochs)
        with listen_for_signals() as request, self.progress.track("all runs", total, "epochs", done=done) as task:
            stopping = False
            try:
                while self.running or (self.waiting and not stopping):
                    if request.number is not None and not stopping:
                        stopping = True
                        self._stop()
                    if not stopping:
                        self._start()
                    self._collect(task, stopping=stopping)
                    self._count_epochs(task)
                    self._wait(request)
            finally:
                for one in self.running.values():
                    one.job.kill()
        if request.number is not None and self.left:
            raise Interrupted(
                f"{self.left} runs are left",
                number=request.number,
                hint=f"resume with: zoo train --resume {self.folder}",
            )

    def _start(self) -> None:
        """Start runs in the free slots."""
        for slot in range(self.executor.room):
            if not self.waiting:
                return
            if slot not in self.running:
                cell = self.waiting.popleft()
                self.progress.say(f"{cell.name} {'is resumed' if self.folder.begun(cell) else 'starts'}")
                self.folder.error(cell).unlink(missing_ok=True)
                done = self._epochs_done(cell)
                job = self.executor.start(self.folder, cell, slot)
                self.running[slot] = Running(cell, job, time.monotonic(), before=done, epochs=done)

    def _collect(self, task: Task, *, stopping: bool) -> None:
        """Take out the runs that have ended, and say how."""
        for slot, one in list(self.running.items()):
            if not one.job.over():
                continue
            del self.running[slot]
            state = self.folder.state(one.cell)
            if state == "finished":
                self.left -= 1
                took = clock(time.monotonic() - one.began)
                self.progress.say(f"{one.cell.name} {self._score(one.cell)}, {took}{self._rest()}")
                task.advance(self.epochs[one.cell] - one.epochs)  # those that early stopping left out too
            elif state != "failed" and stopping:
                self.progress.say(f"{one.cell.name} has stopped")
            else:
                self._fail(one)
                task.advance(self.epochs[one.cell] - one.epochs)

    def _count_epochs(self, task: Task) -> None:
        """Count the epochs that the running cells have done since the last look."""
        if time.monotonic() - self._looked < LOOK:
            return
        self._looked = time.monotonic()
        for one in self.running.values():
            done = max(one.epochs, min(self._epochs_done(one.cell), self.epochs[one.cell]))
            where = {"run": one.cell.name, "epoch": f"{done}/{self.epochs[one.cell]}"}
            task.advance(done - one.epochs, **where, left=f"{self.left} runs")
            one.epochs = done
            if done > one.before and not self._estimated:
                self._estimate(one)

    def _estimate(self, first: Running) -> None:
        """Say how long all of it takes, once the first epoch of a run is timed."""
        self._estimated = True
        seconds = (time.monotonic() - first.began) / (first.epochs - first.before)
        rooms = min(self.executor.room, self.left)
        remaining = sum(self.epochs[cell] for cell in self.waiting) + sum(
            self.epochs[one.cell] - one.epochs for one in self.running.values()
        )
        self.progress.say(
            f"about {clock(remaining * seconds / rooms)} for all runs, at {seconds:.1f} s an epoch as in the first run"
        )

    def _epochs_done(self, cell: Cell) -> int:
        try:
            return (self.folder.run(cell).path / HISTORY).read_bytes().count(b"\n")
        except OSError:
            return 0

    def _fail(self, one: Running) -> None:
        """Report a run that failed; the others go on."""
        self.left -= 1
        if not self.folder.reason(one.cell):
            log = self.folder.log(one.cell)
            write_text(self.folder.error(one.cell), f"{one.job.failure()}; the end of its output is in {log}\n")
        self.progress.say(f"{one.cell.name} FAILED: {self.folder.reason(one.cell).splitlines()[0]}{self._rest()}")

    def _stop(self) -> None:
        self.progress.say("stopping: each run finishes its step and saves a checkpoint; press Ctrl-C again to stop now")
        for one in self.running.values():
            one.job.stop()

    def _wait(self, request: StopRequest) -> None:
        """Wait a little; a signal ends the wait."""
        end = time.monotonic() + self.executor.pause
        heard = request.number
        while request.number == heard and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, POLL))

    def _score(self, cell: Cell) -> str:
        value = self.folder.run(cell).metrics.measures.values["balanced_accuracy"]
        shown = "undefined" if value is None else f"{value:.3f}"
        return f"finished: {measure_name('balanced_accuracy')} {shown}"

    def _rest(self) -> str:
        return f"; {self.left} left" if self.left else ""
