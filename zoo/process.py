"""What a command does with a process that is its own. No library call does: it holds for everything in the process."""

from __future__ import annotations

import atexit
import ctypes
import gc
import os
import sys
from collections.abc import Callable
from contextlib import suppress

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""glibc's numbers for them."""
MOST, LARGE = 2**31 - 1, 2**30
MANY = 100_000
"""New objects after which Python looks for garbage."""


def keep_freed() -> bool:
    """Keep what is freed for the next step of a training, where the C library can; gives whether it does.

    glibc hands large blocks back to the system, and each step would take them page by page anew: some per cent of the
    time of small networks.
    """
    if not sys.platform.startswith("linux"):
        return False
    with suppress(OSError, AttributeError):  # another C library than glibc
        library = ctypes.CDLL("libc.so.6")
        return bool(library.mallopt(MMAP_THRESHOLD, LARGE)) and bool(library.mallopt(TRIM_THRESHOLD, MOST))
    return False


def collect_rarely() -> None:
    """Look for garbage less often: importing torch makes half a million objects that stay."""
    gc.set_threshold(MANY)


def end_at_once(main: Callable[[], None]) -> None:
    """Run it, and end with its status without taking torch apart object by object, which takes a second for nothing.

    Threads are waited for before, and what was registered with `atexit` meanwhile is done.
    """
    left: list[int] = []
    atexit.register(_end, left)  # the first to be registered is the last to be called
    try:
        main()
    except SystemExit as end:
        if isinstance(end.code, int):
            left.append(end.code)
        raise


def _end(left: list[int]) -> None:
    """With what was printed on its way; where that fails, Python says so."""
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
        for status in left:  # none, if an error came through
            os._exit(status)
