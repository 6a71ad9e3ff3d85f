from __future__ import annotations

import threading
import time

import pytest

from zoo.cores import usable_cores
from zoo.parallel import AHEAD, CHUNK, map_ordered


@pytest.mark.parametrize("count", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 1000])
def test_map_ordered_yields_results_in_order(count: int) -> None:
    assert list(map_ordered(count, lambda index: index * index)) == [index * index for index in range(count)]


def test_map_ordered_limits_the_tasks_that_run_ahead() -> None:
    """Results that wait would fill the memory."""
    done = []
    results = map_ordered(100_000, done.append)
    next(results)
    time.sleep(0.2)
    assert len(done) <= (usable_cores() * AHEAD + 1) * CHUNK
    results.close()  # type: ignore[attr-defined]


def test_an_error_in_map_ordered_drops_the_remaining_tasks() -> None:
    done = []

    def work(index: int) -> None:
        if index == 5:
            raise ValueError("five")
        time.sleep(0.001)
        done.append(index)

    with pytest.raises(ValueError, match="five"):
        list(map_ordered(100_000, work))
    assert len(done) < 100_000 / 10


def test_a_few_tasks_are_spread_over_all_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Decoding a large image may take a second."""
    monkeypatch.setattr("zoo.parallel.usable_cores", lambda: 3)
    together = threading.Barrier(3, timeout=20)
    list(map_ordered(3, lambda _: together.wait()))
