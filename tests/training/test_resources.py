"""Memory and energy, with a fake driver in the place of NVIDIA's."""

from __future__ import annotations

import os
import subprocess
import sys
from types import ModuleType, SimpleNamespace

import pytest
import torch

from zoo.training.resources import energy_meter, peak_memory

GPU, CPU = torch.device("cuda", 1), torch.device("cpu")
UUIDS = {0: "aaaa", 1: "bbbb"}


class FakeDriver(ModuleType):
    """A pynvml with two GPUs, whose energy in millijoules tests can change; `fails` names a function that fails."""

    def __init__(self) -> None:
        super().__init__("pynvml")
        self.used = {"GPU-aaaa": 5_000, "GPU-bbbb": 70_000}
        self.started = False
        self.fails = ""

    def nvmlInit(self) -> None:  # noqa: N802
        self._fail_if_asked("nvmlInit")
        self.started = True

    def nvmlDeviceGetHandleByUUID(self, uuid: str) -> str:  # noqa: N802
        self._fail_if_asked("nvmlDeviceGetHandleByUUID")
        assert self.started
        return uuid

    def nvmlDeviceGetTotalEnergyConsumption(self, handle: str) -> int:  # noqa: N802
        self._fail_if_asked("nvmlDeviceGetTotalEnergyConsumption")
        return self.used[handle]

    def _fail_if_asked(self, name: str) -> None:
        if self.fails == name:
            raise RuntimeError("Not Supported")


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> FakeDriver:
    driver = FakeDriver()
    monkeypatch.setitem(sys.modules, "pynvml", driver)
    properties = lambda device: SimpleNamespace(uuid=UUIDS[device.index])  # noqa: E731
    monkeypatch.setattr(torch.cuda, "get_device_properties", properties)
    return driver


def test_the_energy_meter_counts_the_joules_of_this_gpu_since_it_was_started(driver: FakeDriver) -> None:
    meter = energy_meter(GPU)
    assert meter is not None
    assert meter() == 0.0
    driver.used["GPU-aaaa"] += 900_000
    driver.used["GPU-bbbb"] += 2_500
    assert meter() == 2.5


@pytest.mark.parametrize("call", ["nvmlInit", "nvmlDeviceGetHandleByUUID", "nvmlDeviceGetTotalEnergyConsumption"])
def test_without_a_driver_that_measures_energy_there_is_no_meter(driver: FakeDriver, call: str) -> None:
    driver.fails = call
    assert energy_meter(GPU) is None


def test_a_driver_that_fails_later_makes_the_energy_unknown_and_raises_no_error(driver: FakeDriver) -> None:
    meter = energy_meter(GPU)
    assert meter is not None
    driver.fails = "nvmlDeviceGetTotalEnergyConsumption"
    assert meter() is None


def test_without_pynvml_installed_there_is_no_energy_meter(driver: FakeDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    assert energy_meter(GPU) is not None
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert energy_meter(GPU) is None


def test_a_cpu_has_no_energy_meter_and_the_driver_is_not_started(driver: FakeDriver) -> None:
    assert energy_meter(CPU) is None
    assert not driver.started


def test_the_peak_memory_of_a_gpu_is_that_of_its_tensors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", {GPU: 123_456}.__getitem__)
    assert peak_memory(GPU) == 123_456


PEAKS = """
import torch
from zoo.training.resources import peak_memory

cpu = torch.device("cpu")
before = peak_memory(cpu)
block = bytearray(b"x") * 400_000_000
during = peak_memory(cpu)
del block
print(before, during, peak_memory(cpu))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows is not supported")
def test_the_peak_memory_of_a_process_is_in_bytes_and_stays_after_memory_is_freed() -> None:
    """In a process of its own, whose peak no other test has raised."""
    before, during, after = map(int, _printed(PEAKS))
    assert 50_000_000 < before < 100_000_000_000  # torch alone takes more than 50 MB
    assert during >= before + 300_000_000
    assert after >= during - 10_000_000  # the kernel counts a little late


EARLIER = """
import torch
from zoo.training.resources import forget_peak_memory, peak_memory

block = bytearray(b"x") * 400_000_000
del block
before = peak_memory(torch.device("cpu"))
forget_peak_memory(torch.device("cpu"))
print(before, peak_memory(torch.device("cpu")))
"""


@pytest.mark.skipif(not os.access("/proc/self/clear_refs", os.W_OK), reason="only Linux can forget a peak")
def test_the_peak_memory_of_an_earlier_training_in_the_same_process_does_not_count() -> None:
    before, after = map(int, _printed(EARLIER))
    assert after < before - 300_000_000


STARTS_CHILD = """
import subprocess, sys

block = bytearray(b"x") * 2_500_000_000
subprocess.run([sys.executable, "-c", sys.argv[1]], check=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux a child process starts with the peak of its parent")
def test_the_peak_memory_of_the_parent_process_is_not_counted() -> None:
    (before, *_) = map(int, _printed(STARTS_CHILD, PEAKS))
    assert before < 2_000_000_000


def _printed(program: str, *arguments: str) -> list[str]:
    """Run a Python program and return the words that it printed."""
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.split()
