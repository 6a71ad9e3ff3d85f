"""Memory that large tiles took, given back to the system."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager

LARGE = 2_000_000
"""A tile with more pixels than this takes so much memory that giving it back is worth some milliseconds."""


@contextmanager
def memory_given_back(pixels: int) -> Iterator[None]:
    """Give freed memory back to the system at the end of the block, after work on an image of `pixels`.

    The allocator of Linux (glibc) keeps it otherwise, for each thread.
    """
    try:
        yield
    finally:
        if pixels > LARGE and sys.platform == "linux":
            trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # other allocators have no such function
            if trim is not None:
                trim(0)
