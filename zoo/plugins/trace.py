"""ZOO_TRACE_PLUGINS=1 prints each hook call with its plugin and its time."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import TypeVar

VARIABLE = "ZOO_TRACE_PLUGINS"
Result = TypeVar("Result")


def traced(plugin: str, step: str, call: Callable[[], Result]) -> Result:
    """Return the result of `call`; print its time on standard error if ZOO_TRACE_PLUGINS is set."""
    if os.environ.get(VARIABLE, "0") in ("", "0"):
        return call()
    start = time.perf_counter()
    try:
        return call()
    finally:
        milliseconds = (time.perf_counter() - start) * 1000
        sys.stderr.write(f"{plugin}: {step} {milliseconds:.1f} ms\n")
