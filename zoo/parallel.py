"""Many small tasks in threads: decoding, hashing and writing, which release the interpreter's lock."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")
CHUNK = 16
"""Tasks submitted at once: submitting one takes longer than decoding a small image."""
AHEAD = 4
"""Chunks per thread that are submitted ahead, so that the results of a hundred thousand tasks never fill the memory."""


def map_ordered(count: int, work: Callable[[int], Result]) -> Iterator[Result]:
    """Yield the results of work(0), work(1), ... in order, computed in threads."""

    def chunk(start: int) -> list[Result]:
        return [work(index) for index in range(start, min(start + CHUNK, count))]

    workers = usable_cores()
    waiting: deque[Future[list[Result]]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            for start in range(0, count, CHUNK):
                if len(waiting) == workers * AHEAD:
                    yield from waiting.popleft().result()
                waiting.append(pool.submit(chunk, start))
            while waiting:
                yield from waiting.popleft().result()
        finally:  # after an error or an interrupt, tasks that have not started are dropped
            for future in waiting:
                future.cancel()


def usable_cores() -> int:
    """Return how many CPU cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
