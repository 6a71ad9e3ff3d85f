"""What a run of a grid says goes to its log, a line at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from zoo.progress import Task

INTERVAL = 30.0
"""Seconds between two lines of one task."""


class Log:
    """A Watcher that writes lines with the time of day."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def say(self, message: str) -> None:
        """One line."""
        self._stream.write(f"{time.strftime('%H:%M:%S')} {message}\n")
        self._stream.flush()

    @contextmanager
    def track(self, label: str, total: int, unit: str, *, done: int = 0) -> Iterator[Task]:
        """A line now and then, and one at the end."""
        task = _Lines(self, f"{label}: {{}}/{total} {unit}", done)
        yield task
        task.tell()


class _Lines:
    def __init__(self, log: Log, form: str, done: int) -> None:
        self._log, self._form = log, form
        self._done, self._told = done, time.monotonic()
        self._facts: dict[str, str] = {}

    def advance(self, steps: int = 1, **facts: str) -> None:
        """Count, and speak when it is time to."""
        self._done += steps
        self._facts.update(facts)
        if time.monotonic() - self._told > INTERVAL:
            self.tell()

    def tell(self) -> None:
        """Where it stands."""
        self._told = time.monotonic()
        self._log.say(
            self._form.format(self._done) + "".join(f", {name} {fact}" for name, fact in self._facts.items() if fact)
        )
