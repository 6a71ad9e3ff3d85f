"""Record the files, programs and connections that code opens."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import safetensors.torch

_EVENTS = {
    "open": "opens the file",
    "socket.connect": "connects to",
    "socket.getaddrinfo": "looks up the address of",
    "subprocess.Popen": "starts the program",
}
_HARMLESS = ("/proc/", "/sys/", "/dev/")
_local = threading.local()


@contextmanager
def record_access() -> Iterator[list[str]]:
    """Yield a list to which every access of this thread is added, such as "opens the file weights.bin"."""
    _install_hook()
    accesses: list[str] = []
    _local.accesses = accesses
    try:
        with _record_safetensors(accesses):
            yield accesses
    finally:
        _local.accesses = None


def _record_event(event: str, arguments: tuple[Any, ...]) -> None:
    """Record an audit event of Python if this thread is recorded."""
    accesses = getattr(_local, "accesses", None)
    if accesses is None or event not in _EVENTS:
        return
    target = str(arguments[1] if event == "socket.connect" else arguments[0])
    if not target.startswith(_HARMLESS) and not target.endswith((".py", ".pyc")):
        accesses.append(f"{_EVENTS[event]} {target}")


def _install_hook() -> None:
    """Install the audit hook once, since it cannot be removed; outside `record_access` it does nothing."""
    if not getattr(_install_hook, "done", False):
        sys.addaudithook(_record_event)
        _install_hook.done = True  # type: ignore[attr-defined]


@contextmanager
def _record_safetensors(accesses: list[str]) -> Iterator[None]:
    """Record what safetensors opens, which raises no audit event since it happens outside Python."""
    module: Any = safetensors.torch
    original = module.safe_open

    def recording(filename: Any, *args: Any, **options: Any) -> Any:
        accesses.append(f"opens the file {filename}")
        return original(filename, *args, **options)

    module.safe_open = recording
    try:
        yield
    finally:
        module.safe_open = original
