"""CBAM (Woo et al. 2018) in the small residual networks of Guo 2024: on the residual branch, before the sum.

Channel gate: sigmoid(MLP(max pool) + MLP(average pool)), the MLP shared. Then spatial gate: sigmoid(convolution over
[channel max; channel mean]); Guo's convolution is 3x3 where Woo's is 7x7.

Readings, as the paper gives neither: reduction 8, biases in the MLP and none in the convolution, as in the widely used
Keras implementations.
"""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from zoo.nn import SmallResNet
from zoo_cbam.fused_gates import channel_pools, gated, image_pools


class ChannelGate(nn.Module):
    """The weight of every channel, from its maximum and its mean over the image: (N, C)."""

    def __init__(self, channels: int, *, reduction: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(channels, max(1, channels // reduction))
        self.fc2 = nn.Linear(max(1, channels // reduction), channels)

    def forward(self, x: Tensor) -> Tensor:
        pooled = torch.stack(image_pools(x))  # one pass of the MLP for both
        return torch.sigmoid(self.fc2(F.relu(self.fc1(pooled))).sum(dim=0))


class SpatialGate(nn.Module):
    """The weight of every position, from the maximum and the mean over the scaled channels around it: (N, 1, H, W)."""

    def __init__(self, *, kernel: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 1, kernel, padding=kernel // 2, bias=False)

    def forward(self, x: Tensor, channels: Tensor) -> Tensor:
        return torch.sigmoid(self.conv(channel_pools(x, channels)))


class CBAM(nn.Sequential):
    """Scale the features by the channel gate, then by the spatial gate, which is computed from the scaled features."""

    def __init__(self, channels: int, *, reduction: int, kernel: int) -> None:
        super().__init__(ChannelGate(channels, reduction=reduction), SpatialGate(kernel=kernel))

    def forward(self, x: Tensor) -> Tensor:
        channel_gate, spatial_gate = self
        channels = channel_gate(x)
        return gated(x, channels, spatial_gate(x, channels))


def build(num_outputs: int, *, depth: int, reduction: int, kernel: int) -> nn.Module:
    """Return the network with fresh weights."""
    return SmallResNet(num_outputs, depth=depth, attention=partial(CBAM, reduction=reduction, kernel=kernel))
