"""How the threads of OpenMP wait for each other: spinning on a quiet machine, asleep beside other programs.

Threads that compute together wait for each other after every operation. A thread that spins goes on at once, but takes
a core meanwhile, and beside other programs that is often the core that the last thread needs. libgomp, the OpenMP of
PyTorch's wheels for Linux, lets them spin for milliseconds, unless it has more threads than there are cores: then they
sleep almost at once. It reads how long they spin when it is loaded, and other programs come and go. So while others
need the cores, idle threads are added here, which changes nothing else. `benchmarks/busy_machine.py` measures it.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from threading import Event, Thread

from zoo.cores import SPINNING, ProcessorTime, bound_cores

WINDOW = 1.0
"""Over how many seconds it is measured what other programs use."""
LITTLE = 0.25
"""How many more cores than are free other programs may use before threads sleep."""


def sleep_beside_others(environment: Mapping[str, str] = os.environ) -> None:
    """Let OpenMP's threads sleep whenever other programs need the cores, from now until this process ends.

    Nothing is done if a variable already says how they wait.
    """
    if not any(name in environment for name in SPINNING):
        Thread(target=_watch, name="other programs", daemon=True).start()


def _watch() -> None:
    idle = IdleThreads()
    before = ProcessorTime.now()
    while before is not None:
        time.sleep(WINDOW)
        now = ProcessorTime.now()
        if now is not None and (threads := _threads_of_torch()) is not None:
            idle.keep(idle_threads_beside(now.used_by_others_since(before), threads))
        before = now


def idle_threads_beside(used: float, threads: int) -> int:
    """Return how many idle threads let the others sleep while they wait: none if cores are left for them to spin.

    Args:
        used: How many cores other programs use.
        threads: How many threads compute.
    """
    free = bound_cores() - threads
    return max(1, free + 1) if threads > 1 and used > free + LITTLE else 0


def _threads_of_torch() -> int | None:
    """Return with how many threads torch computes now; None before it is imported."""
    number = getattr(sys.modules.get("torch"), "get_num_threads", None)
    if number is None:
        return None
    found: list[int] = []
    new = Thread(target=lambda: found.append(number()))  # an old thread keeps the number that it has seen first
    new.start()
    new.join()
    return found[0]


class IdleThreads:
    """Threads of libgomp that wait for work and never get any."""

    def __init__(self) -> None:
        self._number = 0
        self._end = Event()

    def keep(self, number: int) -> None:
        """Have this many idle threads."""
        if number == self._number:
            return
        self._end.set()
        self._number, self._end = number, Event()
        if number:
            Thread(target=_hold, args=(number, self._end), name="idle threads", daemon=True).start()


def _hold(number: int, end: Event) -> None:
    """Let libgomp start idle threads, which end with the thread that calls this; wait until then."""
    with suppress(OSError, AttributeError):  # another OpenMP, or none
        library = ctypes.CDLL(sys.modules["torch"]._C.__file__)  # with all libraries that it is linked with
        nothing = ctypes.cast(library.omp_get_thread_num, ctypes.c_void_p)
        library.GOMP_parallel(nothing, None, number + 1, 0)  # the calling thread is one of them
        end.wait()
