"""Progress on a terminal, and as plain lines where there is none. All of it goes to standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from zoo.progress import Task, Watcher

INTERVAL = 10.0
"""Seconds between two plain lines."""


def watcher() -> Watcher:
    """The one that fits where standard error goes."""
    return TerminalWatcher() if sys.stderr.isatty() else PlainWatcher()


class PlainWatcher:
    """Lines for a log file."""

    def say(self, message: str) -> None:
        """One line."""
        print(message, file=sys.stderr, flush=True)  # noqa: T201

    @contextmanager
    def track(self, label: str, total: int, unit: str) -> Iterator[Task]:
        """A line now and then, and one at the end."""
        task = _PlainTask(self, label, total, unit)
        yield task
        task.tell()


class _PlainTask:
    def __init__(self, watch: PlainWatcher, label: str, total: int, unit: str) -> None:
        self._watch, self._label, self._total, self._unit = watch, label, total, unit
        self._done = 0
        self._facts: dict[str, str] = {}
        self._began = self._told = time.monotonic()

    def advance(self, steps: int = 1, **facts: str) -> None:
        """Count, and speak when it is time to."""
        self._done += steps
        self._facts.update(facts)
        if time.monotonic() - self._told > INTERVAL:
            self.tell()

    def tell(self) -> None:
        """Where it stands."""
        self._told = time.monotonic()
        seconds = max(self._told - self._began, 1e-9)
        rate = self._done / seconds
        left = f", {_clock((self._total - self._done) / rate)} left" if 0 < self._done < self._total else ""
        facts = "".join(f", {name} {value}" for name, value in self._facts.items())
        self._watch.say(
            f"{self._label}: {self._done}/{self._total} {self._unit}, {rate:.1f} {self._unit}/s"
            f", {_clock(seconds)} gone{left}{facts}"
        )


class TerminalWatcher:
    """A bar that moves."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(stderr=True)

    def say(self, message: str) -> None:
        """One line, above any bar."""
        self._console.print(message, style="dim", highlight=False, markup=False)

    @contextmanager
    def track(self, label: str, total: int, unit: str) -> Iterator[Task]:
        """A bar with rate and time left."""
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn(unit),
            TextColumn("{task.fields[rate]}", style="cyan"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[facts]}", style="dim"),
        )
        with Progress(*columns, console=self._console) as progress:
            identity = progress.add_task(label, total=total, rate="", facts="")
            facts: dict[str, str] = {}

            class Bar:
                def advance(self, steps: int = 1, **changed: str) -> None:
                    facts.update(changed)
                    speed = progress.tasks[0].speed
                    progress.update(
                        identity,
                        advance=steps,
                        rate=f"{speed:.1f}/s" if speed else "",
                        facts="  ".join(f"{name} {value}" for name, value in facts.items()),
                    )

            yield Bar()


def _clock(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))
