"""Work off the cells that are left, so many at a time, and say how it goes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable

from zoo.errors import Interrupted
from zoo.files import write_text
from zoo.grid.executors.executor import Executor, Job
from zoo.grid.grid_config import Cell
from zoo.grid.grid_folder import Folder
from zoo.metrics.names import measure_name
from zoo.progress import Reporter
from zoo.progress.rate import clock
from zoo.signals import StopRequest, listen_for_signals

HEARING = 0.1
"""Seconds until a signal is heard."""


class Scheduler:
    """One sitting."""

    def __init__(self, folder: Folder, cells: Iterable[Cell], executor: Executor, progress: Reporter) -> None:
        self.folder, self.executor, self.progress = folder, executor, progress
        self.waiting = deque(cells)
        self.running: dict[int, tuple[Cell, Job, float]] = {}
        self.left = len(self.waiting)
        self.took: list[float] = []

    def work(self) -> None:
        """Until nothing is left. A signal stops what runs, each after a step with a checkpoint, and begins no more."""
        with listen_for_signals() as request:
            asked = False
            try:
                while self.running or (self.waiting and not asked):
                    if request.number is not None and not asked:
                        asked = True
                        self._stop()
                    if not asked:
                        self._begin()
                    self._look(asked=asked)
                    self._pause(request)
            finally:
                for _, job, _ in self.running.values():
                    job.kill()
        if request.number is not None and self.left:
            raise Interrupted(
                f"{self.left} runs are left",
                number=request.number,
                hint=f"go on with: zoo train --resume {self.folder}",
            )

    def _pause(self, request: StopRequest) -> None:
        """A signal that comes meanwhile is heard at once."""
        end = time.monotonic() + self.executor.pause
        heard = request.number
        while request.number == heard and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, HEARING))

    def _begin(self) -> None:
        """Fill what is free."""
        for slot in set(range(self.executor.room)) - set(self.running):
            if self.waiting:
                cell = self.waiting.popleft()
                self.progress.say(f"{cell.name} {'goes on' if self.folder.begun(cell) else 'begins'}")
                self.folder.error(cell).unlink(missing_ok=True)
                self.running[slot] = cell, self.executor.start(self.folder, cell, slot), time.monotonic()

    def _look(self, *, asked: bool) -> None:
        """Who is done, and how it went."""
        for slot, (cell, job, began) in list(self.running.items()):
            if not job.over():
                continue
            del self.running[slot]
            state = self.folder.state(cell)
            if state == "finished":
                self.left -= 1
                self.took.append(time.monotonic() - began)
                self.progress.say(f"{cell.name} {self._score(cell)}, {clock(self.took[-1])}{self._rest()}")
            elif state != "failed" and asked:
                self.progress.say(f"{cell.name} has stopped")
            else:
                self._fail(cell, job)

    def _fail(self, cell: Cell, job: Job) -> None:
        """One that fails does not stop the others."""
        self.left -= 1
        if not self.folder.reason(cell):
            write_text(self.folder.error(cell), f"{job.failure()}; its last words are in {self.folder.log(cell)}\n")
        self.progress.say(f"{cell.name} FAILED: {self.folder.reason(cell).splitlines()[0]}{self._rest()}")

    def _stop(self) -> None:
        self.progress.say("stopping: each run finishes its step and writes a checkpoint; once more stops at once")
        for _, job, _ in self.running.values():
            job.stop()

    def _score(self, cell: Cell) -> str:
        value = self.folder.run(cell).metrics.measures.values["balanced_accuracy"]
        shown = "undefined" if value is None else f"{value:.3f}"
        return f"finished: {measure_name('balanced_accuracy')} {shown}"

    def _rest(self) -> str:
        """How many are left, and about how long they take if they take what the others took."""
        if not self.left:
            return ""
        if not self.took:
            return f"; {self.left} left"
        seconds = self.left * sum(self.took) / len(self.took) / min(self.executor.room, self.left)
        return f"; {self.left} left, about {clock(seconds)}"
