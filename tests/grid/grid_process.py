"""Grids in processes of their own: start them, find their processes, and wait for them."""

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

PROGRAM = """
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
def train_many_process(given: Mapping[str, Any]) -> Iterator[subprocess.Popen[bytes]]:
    """Call `train_many` in a process with a session of its own, which is killed when the block ends."""
    text = json.dumps({name: str(value) if isinstance(value, Path) else value for name, value in given.items()})
    with subprocess.Popen([sys.executable, "-c", PROGRAM, text], start_new_session=True) as process:
        try:
            yield process
        finally:
            kill_session(process.pid)


def kill_session(leader: int) -> None:
    """Kill all processes of a session, by the process that leads it."""
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)


def find_processes(*words: str) -> Iterator[int]:
    """Yield the processes whose command line has all these words."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            found = (folder / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        if all(word in found for word in words):
            yield int(folder.name)


def wait_until(
    condition: Callable[[], object], seconds: float = 60, *, process: subprocess.Popen[bytes] | None = None
) -> None:
    """Wait until a condition is true; fail after some seconds, or if a process ends before."""
    end = time.monotonic() + seconds
    while not condition():
        status = None if process is None else process.poll()
        assert status is None, (
            f"process {process and process.pid} exited with status {status} before the condition was true"
        )
        assert time.monotonic() < end, f"the condition was not true within {seconds:.0f} s"
        time.sleep(0.02)


def is_alive(process: int) -> bool:
    """Whether a process is running."""
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False
