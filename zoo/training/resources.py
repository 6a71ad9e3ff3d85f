"""What a training took of the machine, where the machine tells."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import torch


def peak_memory(device: torch.device) -> int | None:
    """The most bytes held at once: on the GPU by tensors, else by the whole process."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    return _high_water() if sys.platform == "linux" else _largest_resident()


def _high_water() -> int | None:
    """Its own: on Linux, `ru_maxrss` begins at that of the process that started it."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return None
    found = re.search(r"^VmHWM:\s*(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) * 1024 if found else None


def _largest_resident() -> int | None:
    try:
        from resource import RUSAGE_SELF, getrusage
    except ImportError:  # Windows
        return None
    return getrusage(RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def energy_meter(device: torch.device) -> Callable[[], float | None] | None:
    """Gives the joules that the GPU has used since now, whoever used it; None where nothing tells."""
    begun = _joules(device)
    if begun is None:
        return None

    def used() -> float | None:
        now = _joules(device)
        return None if now is None else now - begun

    return used


def _joules(device: torch.device) -> float | None:
    """Since the driver was loaded."""
    if device.type != "cuda":
        return None
    try:
        import pynvml

        pynvml.nvmlInit()
        handle = pynvml.nvmlDeviceGetHandleByUUID(f"GPU-{torch.cuda.get_device_properties(device).uuid}")
        return float(pynvml.nvmlDeviceGetTotalEnergyConsumption(handle)) / 1000
    except Exception:  # noqa: BLE001  # an optional package, a driver and a card, each of which may lack this
        return None
