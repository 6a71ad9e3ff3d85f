from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from zoo.process import keep_freed

PEEK = """
import resource, sys
import numpy as np
from zoo.process import keep_freed
kept = keep_freed() if sys.argv[1] == "keep" else False
for _ in range(3):
    np.ones(8 << 20)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    np.ones(8 << 20)
print(kept, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def _faults(how: str) -> tuple[str, int]:
    done = subprocess.run([sys.executable, "-c", PEEK, how], capture_output=True, text=True, check=True)
    kept, faults = done.stdout.split()
    return kept, int(faults)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc can be told")
def test_what_is_freed_is_not_taken_from_the_system_again() -> None:
    kept, faults = _faults("keep")
    if kept != "True":
        pytest.skip("another C library than glibc")
    assert faults < _faults("leave")[1] / 10


def test_where_the_c_library_is_another_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", absent)
    assert keep_freed() is False


ENDING = """
import atexit, sys, threading, time
from zoo.process import end_at_once

class Left:
    def __del__(self):
        print("taken apart")

left = Left()

def late():
    time.sleep(0.2)
    print("a thread's last words")

def main():
    atexit.register(print, "registered")
    threading.Thread(target=late).start()
    print("done")
    {end}

end_at_once(main)
"""


def _ended(end: str, **streams: Any) -> tuple[int, str, str]:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    done = subprocess.run([sys.executable, "-c", ENDING.format(end=end)], text=True, check=False, **pipes)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("status", [0, 3])
def test_it_ends_with_its_status_when_all_is_said_and_nothing_is_taken_apart(status: int) -> None:
    said = "done\na thread's last words\nregistered\n"
    assert _ended(f"sys.exit({status})") == (status, said, "")


def test_an_error_that_nobody_caught_is_told_as_ever() -> None:
    status, out, err = _ended("raise RuntimeError('ours')")
    assert status == 1
    assert out.startswith("done\n")
    assert err.endswith("RuntimeError: ours\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no such device")
def test_what_cannot_be_printed_at_the_end_is_an_error() -> None:
    with Path("/dev/full").open("w") as full:
        status, _, err = _ended("sys.exit(0)", stdout=full)
    assert status != 0
    assert "No space left on device" in err


def test_a_command_looks_for_garbage_rarely_and_a_library_call_does_not() -> None:
    told = "import gc, sys; sys.argv = ['zoo', '--version']; import zoo.cli; before = gc.get_threshold()"
    code = f"{told}\ntry: zoo.cli.run()\nfinally: print(before == gc.get_threshold(), gc.get_threshold()[0] >= 100_000)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False True"
