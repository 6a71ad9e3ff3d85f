"""The paper's two attention modules: channel attention, then spatial attention."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


def eca_kernel(channels: int) -> int:
    """Return ECA-Net's kernel size (Wang et al. 2020, equation 12): the odd number nearest to (log2(C) + 1) / 2."""
    kernel = int((math.log2(channels) + 1) / 2)
    return kernel if kernel % 2 else kernel + 1


class ChannelAttention(nn.Module):
    """Equation 1, y = sigmoid(conv(GAP(x))) * x: a convolution of size `kernel` along the row of channel means."""

    def __init__(self, *, kernel: int) -> None:
        super().__init__()
        self.conv = nn.Conv1d(1, 1, kernel, padding=kernel // 2, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        means = x.mean(dim=(2, 3))
        weights = torch.sigmoid(self.conv(means[:, None]))[:, 0]
        return x * weights[:, :, None, None]


class SpatialAttention(nn.Module):
    """Equation 2, y = sigmoid(conv1x1(x)) * x: the convolution has one output channel, for all channels alike."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, 1, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(self.conv(x))
