"""Progress in a notebook: messages, and below them one line that is updated."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from zoo.progress.reporter import Task
from zoo.progress.status import TaskStatus
from zoo.text import printable

REFRESH = 0.25
"""Seconds between two updates of the line."""


def in_notebook() -> bool:
    """Return whether this process is the kernel of a Jupyter notebook."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return type(shell).__name__ == "ZMQInteractiveShell"


class NotebookReporter:
    """Shows progress in the output of the notebook's cell, without widgets."""

    def say(self, message: str) -> None:
        """Print a message."""
        print(printable(message))  # noqa: T201

    @contextmanager
    def track(self, label: str, total: int, unit: str, *, done: int = 0) -> Iterator[Task]:
        """Show a line with rate, time left and facts, which is updated while the block runs."""
        task = _DisplayedTask(label, total, unit, done=done)
        yield task
        task.show()


class _DisplayedTask(TaskStatus):
    """A task whose status is displayed in a notebook."""

    def __init__(self, label: str, total: int, unit: str, *, done: int) -> None:
        super().__init__(label, total, unit, done=done)
        self._shown = 0.0
        self._handle: Any = None

    def advance(self, steps: int = 1, **facts: str) -> None:
        """Count steps as done, and update the line if it is old enough."""
        super().advance(steps, **facts)
        if time.monotonic() - self._shown > REFRESH:
            self.show()

    def show(self) -> None:
        """Display the line, or replace it if it is displayed already."""
        from IPython.display import DisplayHandle

        self._shown = time.monotonic()
        document = {"text/plain": str(self)}
        if self._handle is None:
            self._handle = DisplayHandle()
            self._handle.display(document, raw=True)
        else:
            self._handle.update(document, raw=True)
