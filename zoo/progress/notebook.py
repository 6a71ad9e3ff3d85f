"""Progress in a notebook: lines, and below them one line that is written anew."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from zoo.progress.rate import Pace
from zoo.progress.reporter import Task

REFRESH = 0.25
"""Seconds between two updates of the line."""


def in_notebook() -> bool:
    """Whether this process is the kernel of a Jupyter notebook."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return type(shell).__name__ == "ZMQInteractiveShell"


class NotebookReporter:
    """Shows progress in the output of the notebook's cell, without widgets."""

    def say(self, message: str) -> None:
        """Print one line."""
        print(message)  # noqa: T201

    @contextmanager
    def track(self, label: str, total: int, unit: str, *, done: int = 0) -> Iterator[Task]:
        """Show a line with rate, time left and facts, written anew while the block runs."""
        task = _Line(label, total, unit, done)
        yield task
        task.show()


class _Line:
    def __init__(self, label: str, total: int, unit: str, done: int) -> None:
        self._label, self._unit, self._pace = label, unit, Pace(total, done)
        self._facts: dict[str, str] = {}
        self._shown = 0.0
        self._handle: Any = None

    def advance(self, steps: int = 1, **facts: str) -> None:
        self._pace.advance(steps)
        self._facts.update(facts)
        if time.monotonic() - self._shown > REFRESH:
            self.show()

    def show(self) -> None:
        from IPython.display import DisplayHandle

        self._shown = time.monotonic()
        parts = [
            f"{self._label}: {self._pace.done}/{self._pace.total} {self._unit}",
            f"{self._pace.rate:.1f} {self._unit}/s",
            self._pace.left,
            *(f"{name} {value}" for name, value in self._facts.items() if value),
        ]
        document = {"text/plain": "  ".join(part for part in parts if part)}
        if self._handle is None:
            self._handle = DisplayHandle()
            self._handle.display(document, raw=True)
        else:
            self._handle.update(document, raw=True)
