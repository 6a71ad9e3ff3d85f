"""Many small tasks in threads: decoding, hashing and writing, which release the interpreter's lock."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

from zoo.cores import usable_cores

Item = TypeVar("Item")
Result = TypeVar("Result")
CHUNK = 16
"""At most this many tasks are submitted at once, since submitting one takes longer than decoding a small image.

The first of each thread is one task, and each later one has one more, so that a few tasks are spread over all threads.
"""
AHEAD = 4
"""Chunks per thread that are submitted ahead, so that the results of a hundred thousand tasks never fill the memory."""


def map_ordered(count: int, work: Callable[[int], Result]) -> Iterator[Result]:
    """Yield the results of work(0), work(1), ... in order, computed in threads."""
    return map_items(range(count), work)


def map_items(items: Iterable[Item], work: Callable[[Item], Result]) -> Iterator[Result]:
    """Yield the result of each item in order, computed in threads; items are taken as they are needed."""

    def results(chunk: list[Item]) -> list[Result]:
        return [work(item) for item in chunk]

    workers = usable_cores()
    rest = iter(items)
    waiting: deque[Future[list[Result]]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        try:
            submitted = 0
            while chunk := list(islice(rest, min(CHUNK, 1 + submitted // workers))):
                submitted += 1
                if len(waiting) == workers * AHEAD:
                    yield from waiting.popleft().result()
                waiting.append(pool.submit(results, chunk))
            while waiting:
                yield from waiting.popleft().result()
        finally:  # after an error or an interrupt, tasks that have not started are dropped
            for future in waiting:
                future.cancel()
