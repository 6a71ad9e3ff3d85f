"""The device, precision and memory layout to compute with, and why they were chosen."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any

import torch
from torch import Tensor, nn

from zoo.errors import UsageError
from zoo.spec import Layout, Precision


@dataclass(frozen=True, kw_only=True)
class Compute:
    """The device, precision and memory layout of a computation."""

    device: torch.device
    bfloat16: bool
    channels_last: bool = True
    deterministic: bool = False
    """Use only operations that give bit-identical results every time; on a CPU all do."""
    why: str
    """The choices with their reasons, as one line."""
    threads: int | None = None
    """The number of threads on a CPU, which decides the order of sums, and so the last bits; None: torch's own."""

    def autocast(self) -> AbstractContextManager[Any]:
        """Return the autocast context for the forward pass of a training step."""
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.bfloat16)

    def place(self, network: nn.Module) -> nn.Module:
        """Move a network to the device in the chosen memory layout."""
        layout = torch.channels_last if self.channels_last else torch.contiguous_format
        return network.to(self.device, memory_format=layout)  # type: ignore[call-overload,no-any-return]

    def arrange(self, batch: Tensor) -> Tensor:
        """Return a batch in the chosen memory layout."""
        return batch.contiguous(memory_format=torch.channels_last if self.channels_last else torch.contiguous_format)

    @contextmanager
    def torch_settings(self) -> Iterator[None]:
        """Set torch's global settings for a training, and restore them when the block ends."""
        before = torch.are_deterministic_algorithms_enabled(), torch.backends.cudnn.benchmark
        threads = torch.get_num_threads()
        try:
            torch.set_num_threads(self.threads or threads)
            if self.deterministic:
                os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
                torch.use_deterministic_algorithms(True)
            elif self.device.type == "cuda":
                torch.backends.cudnn.benchmark = True
            yield
        finally:
            torch.use_deterministic_algorithms(before[0])
            torch.backends.cudnn.benchmark = before[1]
            torch.set_num_threads(threads)


@contextmanager
def without_tf32() -> Iterator[None]:
    """Compute convolutions on NVIDIA GPUs in full float32, summed in a fixed order, inside the block.

    By default they use TF32, which rounds to ten bits. Predictions and metrics are computed without it. The setting
    applies to the whole process: the first of several threads to enter changes it, and the last to leave restores it.
    """
    cudnn = torch.backends.cudnn
    with _inside_lock:
        if not _inside:
            _restored.enter_context(cudnn.flags(enabled=cudnn.enabled, deterministic=True, allow_tf32=False))
        _inside.append(None)
    try:
        yield
    finally:
        with _inside_lock:
            _inside.pop()
            if not _inside:
                _restored.close()


_inside_lock, _inside, _restored = Lock(), list[None](), ExitStack()
"""The state of `without_tf32`: one item for each block that is running, and the settings to restore after the last."""


def choose_device(name: str = "auto") -> torch.device:
    """Return the device of this name; for "auto", the best one available."""
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device).item()
    except (RuntimeError, AssertionError, ImportError, TypeError) as error:
        raise UsageError(f"the device {name!r} cannot be used: {str(error).splitlines()[0]}") from error
    return device


def choose_compute(
    device: str = "auto", precision: Precision = "auto", layout: Layout = "auto", *, deterministic: bool = False
) -> Compute:
    """Return how to compute. "auto" means bfloat16 only if the hardware supports it, since emulation is slow."""
    chosen = choose_device(device)
    native = _has_bfloat16(chosen)
    bfloat16 = native if precision == "auto" else precision == "bfloat16"
    reason = "in hardware" if native else "no bfloat16 in hardware"
    requested = "as requested"
    facts = [
        f"{chosen.type}: {'bfloat16' if bfloat16 else 'float32'} ({reason if precision == 'auto' else requested})",
        f"{'channels_last' if layout == 'auto' else layout} ({'for convolutions' if layout == 'auto' else requested})",
        *([f"deterministic ({requested})"] if deterministic else []),
    ]
    return Compute(
        device=chosen,
        bfloat16=bfloat16,
        channels_last=layout != "contiguous",
        deterministic=deterministic,
        why=", ".join(facts),
    )


def _has_bfloat16(device: torch.device) -> bool:
    """Return whether the hardware multiplies in bfloat16."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type == "cpu":
        return any(bool(getattr(torch.cpu, probe, bool)()) for probe in _CPU_PROBES)
    return False


# private functions of torch that query the processor; float32 is used if a release of torch lacks them
_CPU_PROBES = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
