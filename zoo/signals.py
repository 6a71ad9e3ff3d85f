"""Ctrl-C and SIGTERM: training stops after the current step, and all other work at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopRequested(KeyboardInterrupt):
    """Raised when work stops because of a signal. It is no `Exception`, so that other libraries do not handle it."""

    def __init__(self, number: int) -> None:
        self.number = number
        """The number of the signal."""
        super().__init__(number)


@dataclass
class StopRequest:
    """A request to stop, set by a signal."""

    number: int | None = None
    """The number of the signal; None if there was none."""


@contextmanager
def listen_for_signals() -> Iterator[StopRequest]:
    """Record the first signal in the yielded request while the block runs; a second one raises KeyboardInterrupt.

    Training then stops after the current step.

    In other threads than the main one nothing is recorded, since Python delivers signals to the main thread only.
    """
    request = StopRequest()

    def record(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        if request.number is not None:
            raise KeyboardInterrupt
        request.number = number

    with _handled_by(record):
        yield request


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Raise StopRequested within the block as soon as a signal arrives; in other threads than the main one, never."""

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        raise StopRequested(number)

    with _handled_by(stop):
        yield


@contextmanager
def _handled_by(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Handle signals by a function while the block runs, if it runs in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in SIGNALS}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, signal.SIG_DFL if earlier is None else earlier)


@contextmanager
def watch_for_ctrl_c() -> Iterator[Callable[[], bool]]:
    """Yield a function that returns whether the user pressed Ctrl-C while the block ran.

    Code of other people may raise KeyboardInterrupt too, or catch the one that Ctrl-C raises.
    """
    pressed: list[int] = []
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield lambda: False
        return

    def record(number: int, frame: FrameType | None) -> None:
        pressed.append(number)
        before(number, frame)

    signal.signal(signal.SIGINT, record)
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, before)
