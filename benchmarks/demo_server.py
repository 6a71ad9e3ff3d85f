"""`zoo demo` in a process of its own, for the benchmarks of the demo."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
"""Options of Chromium."""


@contextmanager
def served(models: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Serve the page on the CPU while the block runs; yield its address and the number of the process."""
    command = [sys.executable, "-m", "zoo", "demo", *models, "--no-browser", "--device", "cpu"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    try:
        assert process.stdout is not None
        found = (re.search(r"http://[\w.:]+/", line) for line in process.stdout)
        address = next((one[0] for one in found if one), None)
        if address is None:
            sys.exit("the server ended before it printed an address")
        yield address, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def chromium_path() -> str:
    """Return the path of Chromium, which ZOO_TEST_CHROMIUM can name."""
    path = os.environ.get("ZOO_TEST_CHROMIUM") or shutil.which("chromium")
    if path is None:
        sys.exit("chromium is not installed: apt install chromium, or set ZOO_TEST_CHROMIUM to its path")
    return path
