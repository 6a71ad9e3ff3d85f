"""The attention block, and the network with it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from zoo.nn import SmallResNet


class ChannelGate(nn.Module):
    """Scale every channel by a weight computed from the means of the channel and its neighbors."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(1, 1, kernel_size=3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        means = x.mean(dim=(2, 3))
        weights = torch.sigmoid(self.conv(means[:, None])[:, 0])
        return x * weights[:, :, None, None]


def build(num_outputs: int, *, depth: int) -> nn.Module:
    """Return the network with fresh weights."""
    return SmallResNet(num_outputs, depth=depth, attention=ChannelGate)
