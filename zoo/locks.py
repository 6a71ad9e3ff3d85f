"""One process at a time: refuse the second one, or let it wait.

The lock is on a file that stays where it is. Removing it after the release would let two processes in: one that had
opened the old file and waited, and one that makes a new file. The operating system releases the lock of a process that
dies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from zoo.errors import ZooError

NOTICE = 0.5
"""Seconds to wait for a lock before `waiting` is called."""


@contextmanager
def locked_or(file: Path, refusal: ZooError) -> Iterator[None]:
    """Hold the lock of a file; where another process holds it, raise the refusal at once."""
    try:
        lock = FileLock(file).acquire(timeout=0)
    except Timeout:
        raise refusal from None
    with lock:
        yield


@contextmanager
def locked_in_turn(file: Path, *, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the lock of a file, however long that takes; `waiting` is called if it is not free soon."""
    lock = FileLock(file)
    try:
        held = lock.acquire(timeout=NOTICE)
    except Timeout:
        waiting()
        held = lock.acquire()
    with held:
        yield
