"""Tests on an NVIDIA GPU: without one, all of them are skipped.

`ZOO_GPU_TESTS_DEVICE=cpu pytest -m gpu tests/gpu` rehearses them on a CPU, so that a mistake in a test is found before
there is a GPU; what only a GPU has is skipped then.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.gpu.python_process import PythonProcess
from zoo.device import choose_device

VARIABLE = "ZOO_GPU_TESTS_DEVICE"


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Skip a test before any fixture is made, all of them with the same line in the summary."""
    if VARIABLE not in os.environ and not torch.cuda.is_available():
        pytest.skip("no NVIDIA GPU")


@pytest.fixture(scope="session")
def gpu_device() -> torch.device:
    """The device to test: the GPU, or the one that the variable names."""
    return choose_device(os.environ.get(VARIABLE, "cuda"))


@pytest.fixture
def gpu_only(gpu_device: torch.device) -> torch.device:
    """The GPU; a test of what only a GPU has is skipped in a rehearsal."""
    if gpu_device.type != "cuda":
        pytest.skip("only a GPU has what this tests")
    return gpu_device


@pytest.fixture(autouse=True)
def _free_memory(gpu_device: torch.device) -> Iterator[None]:
    """Give the memory of each test back, since several processes share the GPU."""
    yield
    if gpu_device.type == "cuda":
        torch.cuda.empty_cache()


@pytest.fixture(scope="session")
def on_gpu(quick: dict[str, Any], gpu_device: torch.device) -> dict[str, Any]:
    """A training of seconds on the GPU: everything but the model's name."""
    return {**quick, "device": str(gpu_device)}


@pytest.fixture
def python(tmp_path: Path) -> PythonProcess:
    """Runs code in a process of its own."""
    return PythonProcess(tmp_path)
