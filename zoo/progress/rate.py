"""The rate at which a task advances, and the time left."""

from __future__ import annotations

import time
from collections import deque
from datetime import timedelta

RECENT = 30.0
"""How many seconds the recent rate is measured over."""


class Pace:
    """Counts the steps of a task and measures their rate.

    Args:
        total: How many steps the task has.
        done: How many of them were done before a resume. They do not count in the rate.
    """

    def __init__(self, total: int, done: int = 0) -> None:
        self.total, self.done = total, done
        self._done_before = done
        self._start = time.monotonic()
        self._recent = deque([(self._start, done)])

    def advance(self, steps: int) -> None:
        """Count steps as done."""
        self.done += steps
        now = time.monotonic()
        self._recent.append((now, self.done))
        while len(self._recent) > 2 and self._recent[1][0] < now - RECENT:
            self._recent.popleft()

    @property
    def elapsed(self) -> float:
        """The seconds since the task was started or resumed."""
        return max(time.monotonic() - self._start, 1e-9)

    @property
    def rate(self) -> float:
        """The mean number of steps per second since the task was started or resumed."""
        return (self.done - self._done_before) / self.elapsed

    @property
    def recent_rate(self) -> float:
        """The number of steps per second over the last half minute."""
        (start, before), (now, after) = self._recent[0], self._recent[-1]
        return (after - before) / (now - start) if now > start else 0.0

    @property
    def time_left(self) -> str:
        """The estimated time left, such as "0:01:29 left"; empty if it cannot be estimated."""
        if not self.rate or self.done >= self.total:
            return ""
        return f"{clock((self.total - self.done) / self.rate)} left"


def per_time(rate: float, unit: str = "") -> str:
    """Return a rate as text, such as "2.5 images/s"; slow work is counted per minute."""
    steps, time_unit = (rate, "s") if rate >= 0.1 or not rate else (60 * rate, "min")
    return f"{steps:.1f} {unit}".strip() + f"/{time_unit}"


def clock(seconds: float) -> str:
    """Return a duration as hours, minutes and seconds, such as "0:01:29"."""
    return str(timedelta(seconds=round(seconds)))
