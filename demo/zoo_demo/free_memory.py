"""The memory that is free for the weights of models, on a GPU or in a container too."""

from __future__ import annotations

from pathlib import Path

import torch

from zoo_demo.zero_gpu import on_zero_gpu

MEMORY_INFO = Path("/proc/meminfo")
"""The file in which Linux says how much memory is free."""
CONTAINER = Path("/sys/fs/cgroup")
"""The folder in which Linux says how much a container may use, and uses."""


def memory_for_weights(device: torch.device) -> float | None:
    """Return how many bytes the weights of all models may take: half of what is free; None for no limit.

    On ZeroGPU all models are placed at the start, since a job runs in another process.
    """
    free = None if on_zero_gpu() else free_memory(device)
    return None if free is None else free / 2


def free_memory(device: torch.device) -> float | None:
    """Return how many bytes are free on the CPU or a GPU; None where the system does not say it."""
    if device.type == "cuda":
        return float(torch.cuda.mem_get_info(device)[0])
    amounts = [amount for amount in (_of_machine(), _of_container()) if amount is not None]
    return min(amounts, default=None)


def _of_machine() -> float | None:
    try:
        lines = MEMORY_INFO.read_text(encoding="ascii").splitlines()
    except OSError:  # not Linux
        return None
    amounts = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return int(amounts[0]) * 1024.0 if amounts else None


def _of_container() -> float | None:
    """Return what is left of the limit of the container; None without a limit."""
    for limit, used in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        try:
            return float(int((CONTAINER / limit).read_text("ascii")) - int((CONTAINER / used).read_text("ascii")))
        except (OSError, ValueError):  # no such file, or "max"
            continue
    return None
