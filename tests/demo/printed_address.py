"""The address that a server prints once it listens."""

from __future__ import annotations

import re
import subprocess
from threading import Timer


def printed_address(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Return what a server prints until it listens, and the page's address."""
    assert process.stdout is not None
    timeout = Timer(120, process.kill)
    timeout.start()
    printed = ""
    while (found := re.search(r"http://[\w.:]+/", printed)) is None:
        line = process.stdout.readline()
        assert line, f"the command ended without printing an address: {printed}"
        printed += line
    timeout.cancel()
    return printed, found[0]
