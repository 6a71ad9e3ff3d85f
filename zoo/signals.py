"""Ctrl-C and SIGTERM while training: the step is finished first. A second one stops at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopRequested(Exception):
    """A training that was asked to stop has done so."""

    def __init__(self, number: int) -> None:
        self.number = number
        """The signal's."""
        super().__init__(number)


@dataclass
class StopRequest:
    """Whether somebody wants to stop."""

    number: int | None = None
    """The signal's."""


@contextmanager
def listen_for_signals() -> Iterator[StopRequest]:
    """Listen for the signals. In a thread that is not the main one, there is nothing to hear."""
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
