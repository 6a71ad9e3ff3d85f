"""Progress as a bar in a terminal."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import time

import pytest

from zoo.progress.terminal import TerminalReporter

SCRIPT = """
import time
from zoo.progress import command_reporter
from zoo.progress.terminal import TerminalReporter
progress = command_reporter()
assert isinstance(progress, TerminalReporter)
with progress.track("training [x]", 20, "steps") as task:
    for step in range(20):
        time.sleep(0.01)
        task.advance(loss="0.25")
    progress.say("[kept] line")
"""


def test_on_a_terminal_progress_is_a_bar() -> None:
    leader, follower = pty.openpty()
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    done = subprocess.Popen([sys.executable, "-c", SCRIPT], stderr=follower, stdout=subprocess.PIPE, env=env)
    os.close(follower)
    shown = b""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            block = os.read(leader, 4096)
        except OSError:  # the other end is closed
            break
        if not block:
            break
        shown += block
    os.close(leader)
    assert done.wait(30) == 0
    assert done.stdout is not None
    assert done.stdout.read() == b""
    done.stdout.close()
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode())
    assert "20/20" in text
    assert "/s" in text
    assert "loss 0.25" in text
    assert "[kept] line" in text


def test_a_bar_can_be_drawn_without_a_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    with TerminalReporter().track("training", 2, "steps") as task:
        task.advance(2)
    out, err = capfd.readouterr()
    assert out == ""
    assert "2/2" in err
