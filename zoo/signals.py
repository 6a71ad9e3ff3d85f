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
        """The signal's number."""
        super().__init__(number)


@dataclass
class StopRequest:
    """Whether a signal has asked to stop."""

    number: int | None = None
    """The signal's number, or None while there was none."""


@contextmanager
def listen_for_signals() -> Iterator[StopRequest]:
    """Record signals instead of raising them. Outside the main thread, Python delivers none."""
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return

    def note(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        if request.number is not None:
            raise KeyboardInterrupt
        request.number = number

    before = {number: signal.signal(number, note) for number in SIGNALS}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
