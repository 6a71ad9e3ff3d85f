"""Squeeze-and-excitation (Hu et al. 2018): scale every channel by a weight computed from all channels' means."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class SqueezeExcitation(nn.Module):
    """Average pooling, two fully connected layers, sigmoid, scale."""

    def __init__(self, channels: int, *, reduction: int, bias: bool) -> None:
        super().__init__()
        self.fc1 = nn.Linear(channels, max(1, channels // reduction), bias=bias)
        self.fc2 = nn.Linear(max(1, channels // reduction), channels, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        squeezed = x.mean(dim=(2, 3))
        weights = torch.sigmoid(self.fc2(F.relu(self.fc1(squeezed))))
        return x * weights[:, :, None, None]
