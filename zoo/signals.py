"""Ctrl-C and SIGTERM in training: the current step is finished first. A second signal stops at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopRequested(Exception):
    """Raised when a training has stopped after a signal."""

    def __init__(self, number: int) -> None:
        self.number = number
        """The number of the signal."""
        super().__init__(number)


@dataclass
class StopRequest:
    """The signal that requested a stop, if there was one."""

    number: int | None = None
    """The number of the signal; None before a signal arrives."""


@contextmanager
def listen_for_signals() -> Iterator[StopRequest]:
    """Yield a StopRequest that records the first signal; a second one interrupts at once.

    Python delivers signals only to the main thread; in other threads nothing is recorded.
    """
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return

    def record(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        if request.number is not None:
            raise KeyboardInterrupt
        request.number = number

    before = {number: signal.signal(number, record) for number in SIGNALS}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
