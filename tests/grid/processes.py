"""Grids in processes of their own, and how to find and wait for them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

CODE = """
import json, sys
from zoo.errors import Interrupted
from zoo.grid import train_many
given = json.loads(sys.argv[1])
try:
    grid = train_many(**given)
except Interrupted as error:
    sys.exit(128 + error.number)
sys.exit(1 if grid.failures else 0)
"""


@contextmanager
def begin(given: Mapping[str, Any]) -> Iterator[subprocess.Popen[bytes]]:
    """`train_many` in a session of its own, of which nothing is left afterwards."""
    text = json.dumps({name: str(value) if isinstance(value, Path) else value for name, value in given.items()})
    with subprocess.Popen([sys.executable, "-c", CODE, text], start_new_session=True) as process:
        try:
            yield process
        finally:
            end_session(process.pid)


def end_session(leader: int) -> None:
    """Kill it and all that it began in its session."""
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def processes(*words: str) -> Iterator[int]:
    """Those whose command line has all these words."""
    for place in Path("/proc").glob("[0-9]*"):
        try:
            found = (place / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        if all(word in found for word in words):
            yield int(place.name)


def until(true: Callable[[], object], seconds: float = 60, *, process: subprocess.Popen[bytes] | None = None) -> None:
    """Wait for it, as long as there is somebody who may bring it about."""
    end = time.monotonic() + seconds
    while not true():
        status = None if process is None else process.poll()
        assert status is None, f"process {process and process.pid} ended with {status} before it came to pass"
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


def alive(process: int) -> bool:
    """Whether it has not ended yet."""
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False
