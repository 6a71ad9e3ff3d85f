"""Two processes must not work in the same run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout

from zoo.errors import RunError
from zoo.runs.run import Run

LOCK = ".lock"


@contextmanager
def working(run: Run) -> Iterator[None]:
    """Hold the run's lock; the system opens it when its holder dies."""
    lock = FileLock(run.path / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise RunError("another process is training it now", where=str(run)) from error
    try:
        yield
    finally:
        lock.release()
        (run.path / LOCK).unlink(missing_ok=True)
