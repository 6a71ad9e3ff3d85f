"""A reporter that changes image files at a certain moment, as another program may."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.listening import Listener
from zoo.progress import Task


class Changing(Listener):
    """Calls `change` when the work with this label starts, and records every message in `heard`."""

    def __init__(self, label: str, change: Callable[[], object]) -> None:
        super().__init__()
        self._label, self._change = label, change

    @contextmanager
    def track(self, label: str, total: int, unit: str, *, done: int = 0) -> Iterator[Task]:
        """Yield a task that is not shown."""
        if label == self._label:
            self._change()
        with super().track(label, total, unit, done=done) as task:
            yield task
