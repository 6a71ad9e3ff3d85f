"""Progress on a terminal, and as plain lines where there is none. All of it goes to standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from zoo.cli.pace import Pace, clock
from zoo.progress import Task, Watcher

SOON, LATE, SHARE = 10.0, 60.0, 0.1
"""Seconds without a word: at the beginning, at most, and as a share of the time that has gone."""


def watcher() -> Watcher:
    """The one that fits where standard error goes."""
    return TerminalWatcher() if sys.stderr.isatty() else PlainWatcher()


class PlainWatcher:
    """Lines for a log file."""

    def __init__(self) -> None:
        self.spoke = time.monotonic()

    def say(self, message: str) -> None:
        """One line."""
        self.spoke = time.monotonic()
        print(message, file=sys.stderr, flush=True)  # noqa: T201

    @contextmanager
    def track(self, label: str, total: int, unit: str, *, done: int = 0) -> Iterator[Task]:
        """A line where there was none for a while, and one at the end."""
        self.spoke = time.monotonic()
        task = _PlainTask(self, label, total, unit, done)
        yield task
        task.tell()


class _PlainTask:
    def __init__(self, watch: PlainWatcher, label: str, total: int, unit: str, done: int) -> None:
        self._watch, self._label, self._unit = watch, label, unit
        self._pace = Pace(total, done)
        self._facts: dict[str, str] = {}

    def advance(self, steps: int = 1, **facts: str) -> None:
        """Count, and speak when it is time to."""
        self._pace.advance(steps)
        self._facts.update(facts)
        if time.monotonic() - self._watch.spoke > max(SOON, min(LATE, SHARE * self._pace.gone)):
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
        self._watch.say(", ".join(part for part in parts if part))


class TerminalWatcher:
    """A bar that moves, with the lines that are said above it."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(stderr=True)

    def say(self, message: str) -> None:
        """One line, above any bar."""
        self._console.print(message, highlight=False, markup=False)

    @contextmanager
    def track(self, label: str, total: int, unit: str, *, done: int = 0) -> Iterator[Task]:
        """A bar with rate, time left and facts."""
        from rich.live import Live

        from zoo.cli.bar import Bar

        bar = Bar(label, total, unit, done=done)
        with Live(bar, console=self._console, refresh_per_second=8):
            yield bar
