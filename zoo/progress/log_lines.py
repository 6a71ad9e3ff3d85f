"""Progress as plain lines, for a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from zoo.progress.reporter import Task
from zoo.progress.status import TaskStatus
from zoo.text import printable

SHORTEST, LONGEST, SHARE = 10.0, 60.0, 0.1
"""The pause between two lines in seconds: the shortest, the longest, and its share of the time elapsed."""


class LogReporter:
    """Writes progress to standard error as lines, which become rarer while a task runs.

    Args:
        dated: Begin each line with the time of day.
    """

    def __init__(self, *, dated: bool = False) -> None:
        self.dated = dated
        self.last_line = time.monotonic()
        """When the last line was written."""

    def say(self, message: str) -> None:
        """Write a line."""
        self.last_line = time.monotonic()
        stamp = time.strftime("%H:%M:%S ") if self.dated else ""
        print(f"{stamp}{printable(message)}", file=sys.stderr, flush=True)  # noqa: T201

    @contextmanager
    def track(self, label: str, total: int, unit: str, *, done: int = 0) -> Iterator[Task]:
        """Write a line from time to time while the block runs, and one when it has succeeded."""
        self.last_line = time.monotonic()
        task = _LoggedTask(self, label, total, unit, done=done)
        yield task
        self.say(str(task))


class _LoggedTask(TaskStatus):
    """A task whose status is written to a log."""

    def __init__(self, log: LogReporter, label: str, total: int, unit: str, *, done: int) -> None:
        super().__init__(label, total, unit, done=done)
        self._log = log

    def advance(self, steps: int = 1, **facts: str) -> None:
        """Count steps as done, and write a line if the last one was written long enough ago."""
        super().advance(steps, **facts)
        if time.monotonic() - self._log.last_line > max(SHORTEST, min(LONGEST, SHARE * self.pace.elapsed)):
            self._log.say(str(self))
