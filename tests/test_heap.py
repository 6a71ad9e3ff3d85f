from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

from zoo.heap import keep_freed

PEEK = """
import resource, sys
import numpy as np
from zoo.heap import keep_freed
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
