from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from zoo.process import keep_freed_memory

PEEK = """
import resource, sys
import numpy as np
from zoo.process import keep_freed_memory
kept = keep_freed_memory() if sys.argv[1] == "keep" else False
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


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs glibc")
def test_kept_memory_is_reused_without_page_faults() -> None:
    kept, faults = _faults("keep")
    if kept != "True":
        pytest.skip("another C library than glibc")
    assert faults < _faults("leave")[1] / 10


def test_keeping_freed_memory_does_nothing_with_another_c_library(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", absent)
    assert keep_freed_memory() is False


ENDING = """
import atexit, sys, threading, time
from zoo.process import exit_without_teardown

class Left:
    def __del__(self):
        print("destroyed")

left = Left()

def late():
    time.sleep(0.2)
    print("a thread's last words")

def main():
    atexit.register(print, "registered")
    threading.Thread(target=late).start()
    print("done")
    {end}

exit_without_teardown(main)
"""


def _ended(end: str, **streams: Any) -> tuple[int, str, str]:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    done = subprocess.run([sys.executable, "-c", ENDING.format(end=end)], text=True, check=False, **pipes)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("status", [0, 3])
def test_the_exit_status_is_kept_all_output_is_printed_and_no_object_is_destroyed(status: int) -> None:
    said = "done\na thread's last words\nregistered\n"
    assert _ended(f"sys.exit({status})") == (status, said, "")


def test_an_uncaught_exception_is_printed_with_status_1() -> None:
    status, out, err = _ended("raise RuntimeError('ours')")
    assert status == 1
    assert out.startswith("done\n")
    assert err.endswith("RuntimeError: ours\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no such device")
def test_a_failed_flush_at_exit_is_an_error() -> None:
    with Path("/dev/full").open("w") as full:
        status, _, err = _ended("sys.exit(0)", stdout=full)
    assert status != 0
    assert "No space left on device" in err


def test_the_command_collects_garbage_rarely_and_importing_it_does_not_change_that() -> None:
    told = "import gc, sys; sys.argv = ['zoo', '--version']; import zoo.cli; before = gc.get_threshold()"
    code = f"{told}\ntry: zoo.cli.run()\nfinally: print(before == gc.get_threshold(), gc.get_threshold()[0] >= 100_000)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False True"
