"""How this process's memory is kept."""

from __future__ import annotations

import ctypes
import sys
from contextlib import suppress

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""glibc's numbers for them."""
MOST, LARGE = 2**31 - 1, 2**30


def keep_freed() -> bool:
    """Keep what is freed for the next step of a training, where the C library can; gives whether it does.

    glibc hands large blocks back to the system, and each step would take them page by page anew: some per cent of the
    time of small networks. It holds for the whole process from then on, so only a command does it, and no library call.
    """
    if not sys.platform.startswith("linux"):
        return False
    with suppress(OSError, AttributeError):  # another C library than glibc
        library = ctypes.CDLL("libc.so.6")
        return bool(library.mallopt(MMAP_THRESHOLD, LARGE)) and bool(library.mallopt(TRIM_THRESHOLD, MOST))
    return False
