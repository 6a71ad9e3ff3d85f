from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from zoo import cores, spinning

MEASURED = """
import os, time
import torch
from zoo.spinning import IdleThreads

numbers = torch.zeros(1 << 20)

def processor_time():
    began = time.process_time()
    for _ in range(20):
        numbers.add_(1)  # by all threads, which then wait for the next one
        time.sleep(0.02)
    return time.process_time() - began, len(os.listdir("/proc/self/task"))

idle = IdleThreads()
for number in (0, 1, 2, 0):
    idle.keep(number)
    time.sleep(0.5)
    print(*processor_time())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="libgomp is the OpenMP of torch for Linux")
@pytest.mark.skipif(cores.bound_cores() < 2, reason="a single thread waits for no other")
def test_threads_that_wait_spin_until_there_are_idle_ones_and_spin_again_without_them() -> None:
    environment = {name: value for name, value in os.environ.items() if name not in (cores.THREADS, *cores.SPINNING)}
    done = subprocess.run([sys.executable, "-c", MEASURED], env=environment, capture_output=True, text=True, check=True)
    times, threads = zip(*(map(float, line.split()) for line in done.stdout.splitlines()), strict=True)
    assert max(times[1:3]) < min(times[0], times[3]) / 2
    assert threads == (threads[0], threads[0] + 2, threads[0] + 3, threads[0]), "one more holds them"


@pytest.mark.parametrize(
    ("bound", "threads", "used", "idle"),
    [
        (2, 2, 0.2, 0),
        (2, 2, 0.5, 1),
        (2, 1, 2.0, 0),
        (16, 13, 3.2, 0),
        (16, 13, 3.4, 4),
        (16, 16, 3.2, 1),
        (2, 8, 0, 1),
    ],
)
def test_with_the_idle_threads_there_are_more_than_cores_if_others_use_more_than_are_left(
    bound: int, threads: int, used: float, idle: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spinning, "bound_cores", lambda: bound)
    assert spinning.idle_threads_beside(used, threads) == idle


def test_other_programs_come_and_go(monkeypatch: pytest.MonkeyPatch) -> None:
    used = (0.0, 1.0, 1.0, 0.1)
    every = [sum(used[:number]) for number in range(len(used) + 1)]
    moments = [
        cores.ProcessorTime(at=at, every_program=2.0 * at + seconds, own=2.0 * at) for at, seconds in enumerate(every)
    ]
    rest = iter([*moments, None, None])
    found: list[int] = []
    monkeypatch.setattr(cores.ProcessorTime, "now", lambda: next(rest))
    monkeypatch.setattr(spinning, "IdleThreads", lambda: SimpleNamespace(keep=found.append))
    monkeypatch.setattr(spinning, "bound_cores", lambda: 2)
    monkeypatch.setattr(spinning, "_threads_of_torch", lambda: 2)
    monkeypatch.setattr(spinning.time, "sleep", lambda _: None)
    spinning._watch()
    assert found == [0, 1, 1, 0]


def test_nothing_is_done_before_torch_is_imported_and_the_number_of_threads_is_the_last_one_set() -> None:
    code = """
import sys
from zoo.spinning import _threads_of_torch
print(_threads_of_torch(), "torch" in sys.modules)
import torch
for number in (3, 1):
    torch.set_num_threads(number)
    print(_threads_of_torch(), torch.get_num_threads())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["None False", "3 3", "1 1"]


def test_what_the_user_set_about_waiting_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[str] = []
    monkeypatch.setattr(spinning, "_watch", lambda: started.append("watch"))
    for name in cores.SPINNING:
        spinning.sleep_beside_others({name: "active"})
    assert not started
    spinning.sleep_beside_others({})
    assert started == ["watch"]


def test_another_openmp_than_libgomp_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace())
    spinning._hold(1, spinning.Event())  # would wait without end
