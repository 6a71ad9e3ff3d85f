"""Noticing files, programs and connections that a piece of code opens."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import safetensors.torch

_EVENTS = {
    "open": "the file",
    "socket.connect": "the network:",
    "socket.getaddrinfo": "the network:",
    "subprocess.Popen": "another program:",
}
_HARMLESS = ("/proc/", "/sys/", "/dev/")
_local = threading.local()


@contextmanager
def record_opened() -> Iterator[list[str]]:
    """Give a list that fills with what this thread opens inside the block."""
    _install()
    touched: list[str] = []
    _local.touched = touched
    try:
        with _record_safetensors(touched):
            yield touched
    finally:
        _local.touched = None


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    touched = getattr(_local, "touched", None)
    if touched is None or event not in _EVENTS:
        return
    what = str(arguments[1] if event == "socket.connect" else arguments[0])
    if not what.startswith(_HARMLESS) and not what.endswith((".py", ".pyc")):
        touched.append(f"{_EVENTS[event]} {what}")


def _install() -> None:
    """An audit hook stays for the life of the process, so there is only ever one, and it sleeps outside a block."""
    if not getattr(_install, "done", False):
        sys.addaudithook(_note)
        _install.done = True  # type: ignore[attr-defined]


@contextmanager
def _record_safetensors(touched: list[str]) -> Iterator[None]:
    """Notice what safetensors opens: it does so outside Python, where no audit event is raised."""
    module: Any = safetensors.torch
    real = module.safe_open

    def noted(filename: Any, *given: Any, **named: Any) -> Any:
        touched.append(f"the file {filename}")
        return real(filename, *given, **named)

    module.safe_open = noted
    try:
        yield
    finally:
        module.safe_open = real
