"""Plain small residual networks (Guo 2024 compares attention with them)."""

from __future__ import annotations

from torch import nn

from zoo.nn import SmallResNet


def build(num_outputs: int, *, depth: int) -> nn.Module:
    """The network with fresh weights."""
    return SmallResNet(num_outputs, depth=depth)
