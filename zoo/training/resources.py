"""Memory and energy that a training used, as far as the machine measures them."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import torch


def peak_memory(device: torch.device) -> int | None:
    """Return the peak memory in bytes: of tensors on a GPU, otherwise of this process. None if it is unknown."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return _peak_from_proc() if sys.platform == "linux" else _peak_from_getrusage()


def forget_peak_memory(device: torch.device) -> None:
    """Measure the peak from now on, so that of an earlier training in this process does not count.

    Of a CPU that is possible on Linux only.
    """
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    elif sys.platform == "linux":
        with suppress(OSError):  # a kernel or container may not have it
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak_from_proc() -> int | None:
    """Return the peak memory of this process alone: on Linux, `ru_maxrss` starts at that of its parent process."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return None
    found = re.search(r"^VmHWM:\s*(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) * 1024 if found else None


def _peak_from_getrusage() -> int | None:
    """Return the peak memory of this process on systems without /proc."""
    try:
        from resource import RUSAGE_SELF, getrusage
    except ImportError:  # Windows
        return None
    return getrusage(RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def energy_meter(device: torch.device) -> Callable[[], float | None] | None:
    """Start measuring, and return a function that returns the joules used since, by all processes on the GPU.

    None is returned if the device does not measure its energy.
    """
    before = _joules(device)
    if before is None:
        return None

    def used() -> float | None:
        now = _joules(device)
        return None if now is None else now - before

    return used


def _joules(device: torch.device) -> float | None:
    """Return the energy that a GPU has used since its driver was loaded; None if it is not measured."""
    if device.type != "cuda":
        return None
    try:
        import pynvml

        pynvml.nvmlInit()
        handle = pynvml.nvmlDeviceGetHandleByUUID(f"GPU-{torch.cuda.get_device_properties(device).uuid}")
        return float(pynvml.nvmlDeviceGetTotalEnergyConsumption(handle)) / 1000
    except Exception:  # noqa: BLE001  # the package, the driver or the GPU may lack this
        return None
