"""Threads over many small pieces of work that leave the interpreter: decoding, hashing, writing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")
CHUNK = 16
"""Pieces handed over at once, so that a hundred thousand do not mean as many waiting futures."""


def each(count: int, work: Callable[[int], Result]) -> Iterator[Result]:
    """The results of work(0), work(1), ... in order, as they come."""

    def some(start: int) -> list[Result]:
        return [work(index) for index in range(start, min(start + CHUNK, count))]

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for results in pool.map(some, range(0, count, CHUNK)):
            yield from results
