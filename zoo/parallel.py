"""Threads over many small pieces of work that leave the interpreter: decoding, hashing, writing."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")
CHUNK = 16
"""Pieces handed over at once: handing one over takes longer than a small image."""
AHEAD = 4
"""Chunks for each thread that may wait, so that a hundred thousand pieces do not mean as many waiting results."""


def map_ordered(count: int, work: Callable[[int], Result]) -> Iterator[Result]:
    """The results of work(0), work(1), ... in order, as they come."""

    def some(start: int) -> list[Result]:
        return [work(index) for index in range(start, min(start + CHUNK, count))]

    workers = usable_cores()
    waiting: deque[Future[list[Result]]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            for start in range(0, count, CHUNK):
                if len(waiting) == workers * AHEAD:
                    yield from waiting.popleft().result()
                waiting.append(pool.submit(some, start))
            while waiting:
                yield from waiting.popleft().result()
        finally:  # an error or an interrupt does not wait for what has not begun
            for future in waiting:
                future.cancel()


def usable_cores() -> int:
    """The cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
