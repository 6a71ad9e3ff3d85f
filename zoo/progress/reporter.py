"""The protocol of reporters, which show the progress of long work; the silent reporter; bytes as progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Task(Protocol):
    """A piece of work with a known number of steps."""

    def advance(self, steps: int = 1, **facts: str) -> None:
        """Count steps as done, and show facts such as `loss="0.5"` in the order given; empty ones are not shown."""


class Reporter(Protocol):
    """Shows messages and the progress of tasks."""

    def say(self, message: str) -> None:
        """Show a message, which stays visible."""

    def track(self, label: str, total: int, unit: str, *, done: int = 0) -> AbstractContextManager[Task]:
        """Show a task of `total` steps while a block runs; `done` of them were done before a resume."""


class _SilentTask:
    """A task that is not shown."""

    def advance(self, steps: int = 1, **facts: str) -> None:
        """Do nothing."""


class Silent:
    """A reporter that shows nothing."""

    def say(self, message: str) -> None:
        """Do nothing."""

    @contextmanager
    def track(self, label: str, total: int, unit: str, *, done: int = 0) -> Iterator[Task]:
        """Yield a task that is not shown."""
        yield _SilentTask()


MEGABYTE = 1_000_000


@contextmanager
def track_bytes(reporter: Reporter, label: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Report bytes as whole megabytes; yield the function to call with the number of bytes done so far.

    Without a known total nothing is reported, as the time left could not be estimated.
    """
    if total is None:
        reporter = Silent()
    reported = 0
    with reporter.track(label, -(-(total or 0) // MEGABYTE), "MB") as task:

        def reached(done: int) -> None:
            nonlocal reported
            if (count := -(-done // MEGABYTE)) > reported:
                task.advance(count - reported)
                reported = count

        yield reached
