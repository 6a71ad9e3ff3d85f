"""Settings of a whole process: memory allocator, garbage collector, exit. Only commands use them, not the library."""

from __future__ import annotations

import atexit
import ctypes
import gc
import os
import sys
from collections.abc import Callable
from contextlib import suppress

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""The numbers of these options in glibc's malloc.h."""
MAX_TRIM_THRESHOLD, MAX_MMAP_THRESHOLD = 2**31 - 1, 2**30
GARBAGE_THRESHOLD = 100_000
"""How many new objects start a garbage collection."""


def keep_freed_memory() -> bool:
    """Make the C library keep freed memory for the next training step; return whether it does.

    glibc returns large blocks to the system, and each step would allocate them again page by page: a few per cent of
    the time for small networks.
    """
    if not sys.platform.startswith("linux"):
        return False
    with suppress(OSError, AttributeError):  # another C library than glibc
        library = ctypes.CDLL("libc.so.6")
        return bool(library.mallopt(MMAP_THRESHOLD, MAX_MMAP_THRESHOLD)) and bool(
            library.mallopt(TRIM_THRESHOLD, MAX_TRIM_THRESHOLD)
        )
    return False


def collect_garbage_rarely() -> None:
    """Collect garbage less often: importing torch makes half a million objects that stay."""
    gc.set_threshold(GARBAGE_THRESHOLD)


def exit_without_teardown(main: Callable[[], None]) -> None:
    """Run `main` and exit with its status without destroying torch object by object, which takes a second.

    Threads are joined, and functions registered with `atexit` are called, before the process exits.
    """
    statuses: list[int] = []
    atexit.register(_exit, statuses)  # registered first, so called last
    try:
        main()
    except SystemExit as end:
        if isinstance(end.code, int):
            statuses.append(end.code)
        raise


def _exit(statuses: list[int]) -> None:
    """Flush the output and exit; if flushing fails, Python itself exits with the error."""
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
        for status in statuses:  # empty if an exception was raised
            os._exit(status)
