"""Progress as plain lines, for a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from zoo.progress.rate import Pace, clock
from zoo.progress.reporter import Task

SOON, LATE, SHARE = 10.0, 60.0, 0.1
"""Seconds without a word: at the beginning, at most, and as a share of the time that has gone."""


class Lines:
    """A Reporter that writes to standard error."""

    def __init__(self, *, dated: bool = False) -> None:
        self.dated = dated
        """Whether each line begins with the time of day."""
        self.spoke = time.monotonic()

    def say(self, message: str) -> None:
        """One line."""
        self.spoke = time.monotonic()
        stamp = time.strftime("%H:%M:%S ") if self.dated else ""
        print(f"{stamp}{message}", file=sys.stderr, flush=True)  # noqa: T201

    @contextmanager
    def track(self, label: str, total: int, unit: str, *, done: int = 0) -> Iterator[Task]:
        """A line where there was none for a while, and one at the end."""
        self.spoke = time.monotonic()
        task = _Task(self, label, total, unit, done)
        yield task
        task.tell()


class _Task:
    def __init__(self, lines: Lines, label: str, total: int, unit: str, done: int) -> None:
        self._lines, self._label, self._unit = lines, label, unit
        self._pace = Pace(total, done)
        self._facts: dict[str, str] = {}

    def advance(self, steps: int = 1, **facts: str) -> None:
        """Count, and speak when it is time to."""
        self._pace.advance(steps)
        self._facts.update(facts)
        if time.monotonic() - self._lines.spoke > max(SOON, min(LATE, SHARE * self._pace.gone)):
            self.tell()

    def tell(self) -> None:
        """Where it stands."""
        pace = self._pace
        parts = [
            f"{self._label}: {pace.done}/{pace.total} {self._unit}",
            f"{pace.rate:.1f} {self._unit}/s",
            f"{clock(pace.gone)} gone",
            pace.left,
            *(f"{name} {value}" for name, value in self._facts.items() if value),
        ]
        self._lines.say(", ".join(part for part in parts if part))
