"""The scheduler of a grid: starts runs, a few at a time, waits for them, and reports how they end."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from zoo.config.grid_config import Cell
from zoo.errors import Interrupted
from zoo.files import write_text
from zoo.grid.executors.executor import Executor, Job
from zoo.metrics.names import measure_name
from zoo.progress import Reporter, Task
from zoo.progress.rate import clock
from zoo.runs import HISTORY, resume_hint
from zoo.runs.grid_folder import GridFolder
from zoo.runs.history import read_history
from zoo.signals import StopRequest, listen_for_signals

SIGNAL_SECONDS = 0.1
"""Seconds until a signal is noticed."""
COUNT_SECONDS = 1.0
"""Seconds between two counts of the epochs that the runs have done."""
TIMED_EPOCHS = 2
"""Epochs after which the time of all is estimated; in the first one, a GPU's kernels are loaded and chosen."""


@dataclass
class RunningCell:
    """A cell whose run is being executed."""

    cell: Cell
    job: Job
    started: float
    epochs_before: int
    """The number of its epochs that an earlier session did."""
    epochs_done: int
    """The number of its epochs that progress has counted."""


class Scheduler:
    """Executes the runs of a grid that are left."""

    def __init__(self, folder: GridFolder, epochs: Mapping[Cell, int], executor: Executor, progress: Reporter) -> None:
        """Prepare to execute the cells in `epochs`, which has the number of epochs of each."""
        self.folder, self.epochs, self.executor, self.progress = folder, epochs, executor, progress
        self.waiting = deque(epochs)
        self.running: dict[int, RunningCell] = {}
        """The running cells by their slot."""
        self.left = len(epochs)
        """The number of runs that have not ended."""
        self._estimate_reported = False
        self._counted_at = 0.0

    def run(self) -> None:
        """Execute all runs. After a signal, running ones finish their step and save a checkpoint, and no more start.

        Raises:
            Interrupted: A signal stopped the runs before all were finished.
        """
        total = sum(self.epochs.values())
        done = sum(self._epochs_done(cell) for cell in self.epochs)
        with listen_for_signals() as request, self.progress.track("all runs", total, "epochs", done=done) as task:
            stopping = False
            try:
                while self.running or (self.waiting and not stopping):
                    if request.number is not None and not stopping:
                        stopping = True
                        self._stop_running()
                    if not stopping:
                        self._start_waiting()
                    self._handle_done(task, stopping=stopping)
                    self._count_epochs(task)
                    self._wait(request)
            finally:
                for running in self.running.values():
                    running.job.kill()
        if request.number is not None and self.left:
            raise Interrupted(
                f"{self.left} runs are left",
                number=request.number,
                hint=resume_hint(self.folder),
            )

    def _start_waiting(self) -> None:
        """Start waiting cells in the free slots."""
        for slot in range(self.executor.slots):
            if not self.waiting:
                return
            if slot not in self.running:
                cell = self.waiting.popleft()
                self.progress.say(f"{cell.name} {'is resumed' if self.folder.can_resume(cell) else 'starts'}")
                self.folder.error_file(cell).unlink(missing_ok=True)
                done = self._epochs_done(cell)
                job = self.executor.start(self.folder, cell, slot)
                self.running[slot] = RunningCell(cell, job, time.monotonic(), epochs_before=done, epochs_done=done)

    def _handle_done(self, task: Task, *, stopping: bool) -> None:
        """Remove the cells whose job is done, and report how each run ended."""
        for slot, running in list(self.running.items()):
            if not running.job.is_done():
                continue
            del self.running[slot]
            cell = running.cell
            state = self.folder.state(cell)
            if state == "finished":
                self.left -= 1
                duration = clock(time.monotonic() - running.started)
                self.progress.say(f"{cell.name} finished: {self._result(cell)}, {duration}{self._runs_left()}")
                task.advance(self.epochs[cell] - running.epochs_done)  # with those that early stopping skipped
            elif state != "failed" and stopping:
                self.progress.say(f"{cell.name} stopped")
            else:
                self._report_failure(running)
                task.advance(self.epochs[cell] - running.epochs_done)

    def _count_epochs(self, task: Task) -> None:
        """Advance progress by the epochs that the running cells have done since the last count."""
        if time.monotonic() - self._counted_at < COUNT_SECONDS:
            return
        self._counted_at = time.monotonic()
        for running in self.running.values():
            epochs = self.epochs[running.cell]
            done = max(running.epochs_done, min(self._epochs_done(running.cell), epochs))
            facts = {"run": running.cell.name, "epoch": f"{done}/{epochs}", "runs left": str(self.left)}
            task.advance(done - running.epochs_done, **facts)
            running.epochs_done = done
            timed = min(TIMED_EPOCHS, epochs - running.epochs_before)
            if done - running.epochs_before >= timed > 0 and not self._estimate_reported:
                self._report_estimate(running)

    def _report_estimate(self, first: RunningCell) -> None:
        """Report how long all runs take, once some epochs of a run are timed."""
        try:
            rows = read_history(self.folder.run(first.cell).path / HISTORY)[first.epochs_before :]
        except (OSError, ValueError):
            return
        self._estimate_reported = True
        seconds = rows[-1].seconds
        start = max(0.0, time.monotonic() - first.started - sum(row.seconds for row in rows))
        slots = min(self.executor.slots, self.left)
        epochs_left = sum(self.epochs[cell] - self._epochs_done(cell) for cell in self.waiting) + sum(
            self.epochs[running.cell] - running.epochs_done for running in self.running.values()
        )
        total = clock((len(self.waiting) * start + epochs_left * seconds) / slots)
        each = f"{seconds:.1f} s an epoch and {start:.0f} s to start, as in the first run"
        self.progress.say(f"about {total} for all runs: {each}")

    def _epochs_done(self, cell: Cell) -> int:
        """Return the number of epochs in a cell's history."""
        try:
            return (self.folder.run(cell).path / HISTORY).read_bytes().count(b"\n")
        except OSError:
            return 0

    def _report_failure(self, running: RunningCell) -> None:
        """Report a run that failed, and write an error file if its process wrote none."""
        self.left -= 1
        cell = running.cell
        if not self.folder.error_text(cell):
            log = self.folder.log_file(cell)
            write_text(self.folder.error_file(cell), f"{running.job.failure()}; the end of its output is in {log}\n")
        self.progress.say(f"{cell.name} FAILED: {self.folder.error_text(cell).splitlines()[0]}{self._runs_left()}")

    def _stop_running(self) -> None:
        """Ask all running cells to stop."""
        self.progress.say("stopping: each run finishes its step and saves a checkpoint; press Ctrl-C again to stop now")
        for running in self.running.values():
            running.job.stop()

    def _wait(self, request: StopRequest) -> None:
        """Wait until jobs are to be checked again, or a signal arrives."""
        end = time.monotonic() + self.executor.poll_seconds
        before = request.number
        while request.number == before and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, SIGNAL_SECONDS))

    def _result(self, cell: Cell) -> str:
        """Return the balanced accuracy of a finished run, for a message."""
        value = self.folder.run(cell).metrics.measures.values["balanced_accuracy"]
        return f"{measure_name('balanced_accuracy')} {'undefined' if value is None else f'{value:.3f}'}"

    def _runs_left(self) -> str:
        """Return how many runs are left, as the end of a message."""
        return f"; {self.left} left" if self.left else ""
