"""Who is told, and what can be told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Task(Protocol):
    """One piece of work with a known length."""

    def advance(self, steps: int = 1, **facts: str) -> None:
        """Say that `steps` more are done; `facts` are shown with them, the first ones first, an empty one not."""


class Reporter(Protocol):
    """Somebody who watches long work."""

    def say(self, message: str) -> None:
        """Tell one line worth keeping."""

    def track(self, label: str, total: int, unit: str, *, done: int = 0) -> AbstractContextManager[Task]:
        """Follow one task of `total` steps, of which an earlier sitting did `done`."""


class _SilentTask:
    def advance(self, steps: int = 1, **facts: str) -> None:
        """Nothing to show."""


class Silent:
    """Watches without a word."""

    def say(self, message: str) -> None:
        """Keep quiet."""

    @contextmanager
    def track(self, label: str, total: int, unit: str, *, done: int = 0) -> Iterator[Task]:
        """Show nothing."""
        yield _SilentTask()
