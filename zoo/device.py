"""Which device, which precision, which memory layout, and why."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import nn

from zoo.errors import UsageError

Precision = Literal["auto", "float32", "bfloat16"]


@dataclass(frozen=True, kw_only=True)
class Compute:
    """How tensors are computed with."""

    device: torch.device
    bfloat16: bool
    why: str

    def autocast(self) -> AbstractContextManager[Any]:
        """The context in which a training step's forward pass runs."""
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.bfloat16)

    def place(self, network: nn.Module) -> nn.Module:
        """Put a network on the device, in the layout convolutions are fastest in."""
        return network.to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]


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


def choose_compute(device: str = "auto", precision: Precision = "auto") -> Compute:
    """Use bfloat16 where the hardware multiplies in it, and not where it would be emulated."""
    chosen = choose_device(device)
    native = _has_bfloat16(chosen)
    bfloat16 = native if precision == "auto" else precision == "bfloat16"
    reason = "bfloat16 in hardware" if native else "no bfloat16 in hardware"
    why = f"{chosen.type}, {'bfloat16' if bfloat16 else 'float32'} ({reason if precision == 'auto' else 'as asked'})"
    return Compute(device=chosen, bfloat16=bfloat16, why=why)


def _has_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type == "cpu":
        return any(bool(getattr(torch.cpu, probe, bool)()) for probe in _CPU_PROBES)
    return False


# torch asks the processor through these; they are not public, so a release without them means float32
_CPU_PROBES = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
