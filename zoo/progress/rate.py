"""How fast work goes, and when it will be done."""

from __future__ import annotations

import time
from collections import deque
from datetime import timedelta

LATELY = 30.0
"""Seconds that make the rate of now."""


class Pace:
    """Counts steps of `total`. What an earlier sitting did is done, but took none of this one's time."""

    def __init__(self, total: int, done: int = 0) -> None:
        self.total, self.done = total, done
        self._earlier = done
        self._began = time.monotonic()
        self._lately = deque([(self._began, done)])

    def advance(self, steps: int) -> None:
        """So many more."""
        self.done += steps
        now = time.monotonic()
        self._lately.append((now, self.done))
        while len(self._lately) > 2 and self._lately[1][0] < now - LATELY:
            self._lately.popleft()

    @property
    def gone(self) -> float:
        """Seconds of this sitting."""
        return max(time.monotonic() - self._began, 1e-9)

    @property
    def rate(self) -> float:
        """Steps a second in this sitting, whatever lay between them."""
        return (self.done - self._earlier) / self.gone

    @property
    def rate_lately(self) -> float:
        """Steps a second over the last half minute."""
        (began, before), (now, after) = self._lately[0], self._lately[-1]
        return (after - before) / (now - began) if now > began else 0.0

    @property
    def left(self) -> str:
        """The time that the rest will take; empty while nothing tells."""
        if not self.rate or self.done >= self.total:
            return ""
        return f"{clock((self.total - self.done) / self.rate)} left"


def clock(seconds: float) -> str:
    """Hours, minutes and seconds."""
    return str(timedelta(seconds=round(seconds)))
