"""Which device, which precision, which memory layout, and why."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from zoo.errors import UsageError
from zoo.spec import Layout, Precision


@dataclass(frozen=True, kw_only=True)
class Compute:
    """How tensors are computed with."""

    device: torch.device
    bfloat16: bool
    channels_last: bool = True
    deterministic: bool = False
    """Only what gives the same bits every time; on a CPU everything does."""
    why: str

    def autocast(self) -> AbstractContextManager[Any]:
        """The context in which a training step's forward pass runs."""
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.bfloat16)

    def place(self, network: nn.Module) -> nn.Module:
        """Put a network on the device, in the chosen layout."""
        layout = torch.channels_last if self.channels_last else torch.contiguous_format
        return network.to(self.device, memory_format=layout)  # type: ignore[call-overload,no-any-return]

    def arrange(self, batch: Tensor) -> Tensor:
        """The same numbers in the chosen layout."""
        return batch.contiguous(memory_format=torch.channels_last if self.channels_last else torch.contiguous_format)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Set torch's switches for the time of a training, and set them back."""
        before = torch.are_deterministic_algorithms_enabled(), torch.backends.cudnn.benchmark
        try:
            if self.deterministic:
                os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
                torch.use_deterministic_algorithms(True)
            elif self.device.type == "cuda":
                torch.backends.cudnn.benchmark = True
            yield
        finally:
            torch.use_deterministic_algorithms(before[0])
            torch.backends.cudnn.benchmark = before[1]


def exactly() -> AbstractContextManager[Any]:
    """Where numbers are measured: NVIDIA's convolutions then keep to float32, and to the same way of summing up.

    Left alone, they take TF32, which rounds to ten binary places.
    """
    cudnn = torch.backends.cudnn
    return cudnn.flags(enabled=cudnn.enabled, deterministic=True, allow_tf32=False)


def choose_device(name: str = "auto") -> torch.device:
    """The named device, or the best there is."""
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device).item()
    except (RuntimeError, AssertionError, ImportError) as error:
        raise UsageError(f"the device {name!r} cannot be used: {str(error).splitlines()[0]}") from error
    return device


def choose_compute(
    device: str = "auto", precision: Precision = "auto", layout: Layout = "auto", *, deterministic: bool = False
) -> Compute:
    """Use bfloat16 where the hardware multiplies in it, and not where it would be emulated."""
    chosen = choose_device(device)
    native = _has_bfloat16(chosen)
    bfloat16 = native if precision == "auto" else precision == "bfloat16"
    reason = "in hardware" if native else "no bfloat16 in hardware"
    facts = [
        f"{chosen.type}: {'bfloat16' if bfloat16 else 'float32'} ({reason if precision == 'auto' else 'as asked'})",
        f"{'channels_last' if layout == 'auto' else layout} ({'for convolutions' if layout == 'auto' else 'as asked'})",
        *(["deterministic (as asked)"] if deterministic else []),
    ]
    return Compute(
        device=chosen,
        bfloat16=bfloat16,
        channels_last=layout != "contiguous",
        deterministic=deterministic,
        why=", ".join(facts),
    )


def _has_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type == "cpu":
        return any(bool(getattr(torch.cpu, probe, bool)()) for probe in _CPU_PROBES)
    return False


# torch asks the processor through these; they are not public, so a release without them means float32
_CPU_PROBES = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
