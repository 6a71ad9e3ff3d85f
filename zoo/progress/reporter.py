"""Who is told, and what can be told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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


MEGABYTE = 1_000_000


@contextmanager
def track_bytes(reporter: Reporter, label: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Report bytes as whole megabytes; yield the function to call with the number of bytes done so far.

    Without a known total nothing is reported, as the time left could not be estimated.
    """
    if total is None:
        reporter = Silent()
    shown = 0
    with reporter.track(label, -(-(total or 0) // MEGABYTE), "MB") as task:

        def reached(done: int) -> None:
            nonlocal shown
            if (count := -(-done // MEGABYTE)) > shown:
                task.advance(count - shown)
                shown = count

        yield reached
