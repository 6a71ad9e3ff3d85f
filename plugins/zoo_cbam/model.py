"""CBAM (Woo et al. 2018) in the small residual networks of Guo: on the residual branch, before the sum.

Channel gate: sigmoid(MLP(max pool) + MLP(average pool)), the MLP shared. Then spatial gate: sigmoid(convolution over
[channel max; channel mean]); Guo's convolution is 3x3 where Woo's is 7x7.

Readings, as the paper gives neither: reduction 8, biases in the MLP and none in the convolution, as in the widely used
Keras networks of this family.
"""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from zoo.nn import SmallResNet


class ChannelGate(nn.Module):
    """Scales every channel by what its maximum and its mean over the image say."""

    def __init__(self, channels: int, *, reduction: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(channels, max(1, channels // reduction))
        self.fc2 = nn.Linear(max(1, channels // reduction), channels)

    def forward(self, x: Tensor) -> Tensor:
        pooled = torch.stack([_largest(x), x.mean(dim=(2, 3))])  # both through the MLP at once
        weights = torch.sigmoid(self.fc2(F.relu(self.fc1(pooled))).sum(dim=0))
        return x * weights[:, :, None, None]


def _largest(x: Tensor) -> Tensor:
    """Every channel's maximum. Pooling is much faster than amax going backward, but on a GPU not deterministic."""
    if torch.are_deterministic_algorithms_enabled():
        return x.amax(dim=(2, 3))
    return F.adaptive_max_pool2d(x, 1).flatten(1)


class SpatialGate(nn.Module):
    """Scales every place by what the maximum and the mean over channels say around it."""

    def __init__(self, *, kernel: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 1, kernel, padding=kernel // 2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        pooled = torch.stack([x.amax(dim=1), x.mean(dim=1)], dim=1)
        return x * torch.sigmoid(self.conv(pooled))


class CBAM(nn.Sequential):
    """The channel gate, then the spatial gate."""

    def __init__(self, channels: int, *, reduction: int, kernel: int) -> None:
        super().__init__(ChannelGate(channels, reduction=reduction), SpatialGate(kernel=kernel))


def build(num_outputs: int, *, depth: int, reduction: int, kernel: int) -> nn.Module:
    """The network with fresh weights."""
    return SmallResNet(num_outputs, depth=depth, attention=partial(CBAM, reduction=reduction, kernel=kernel))
