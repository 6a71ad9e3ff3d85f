"""Bytes as progress: whole megabytes with rate and time left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from zoo.progress import Reporter, Silent

UNIT = 1_000_000


@contextmanager
def tracked_bytes(progress: Reporter, label: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Follow `total` bytes. Gives the function that takes how many are done in all."""
    make_reporter = Silent() if total is None else progress  # nobody can say how far it is
    shown = 0
    with make_reporter.track(label, _units(total or 0), "MB") as task:

        def reach(done: int) -> None:
            nonlocal shown
            if (units := _units(done)) > shown:
                task.advance(units - shown)
                shown = units

        yield reach


def _units(count: int) -> int:
    return -(-count // UNIT)
