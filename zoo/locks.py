"""Locks between processes: a second process is refused, or waits.

The lock file is never removed. If it were removed after the release, two processes could hold the lock: one that had
opened the old file and waited, and one that creates a new file. The operating system releases the lock of a process
that dies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from zoo.errors import ZooError

NOTICE = 0.5
"""How many seconds to wait for a lock before `waiting` is called."""
PASSED_ON = 0.5
"""How many seconds to wait for a lock before refusing.

A process that is killed while it starts a program leaves its lock to that program's process for a moment: until it has
replaced itself, it has all open files. On a busy machine this took up to 20 ms.
"""


@contextmanager
def locked_or(file: Path, refusal: ZooError) -> Iterator[None]:
    """Hold the lock of a file; raise `refusal` if another process holds it and keeps it."""
    from filelock import FileLock, Timeout

    try:
        lock = FileLock(file).acquire(timeout=PASSED_ON)
    except Timeout:
        raise refusal from None
    with lock:
        yield


@contextmanager
def locked_in_turn(file: Path, *, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the lock of a file, after waiting for as long as another process holds it; `waiting` reports a wait."""
    from filelock import FileLock, Timeout

    lock = FileLock(file)
    try:
        held = lock.acquire(timeout=NOTICE)
    except Timeout:
        waiting()
        held = lock.acquire()
    with held:
        yield
