"""The blocks as one would first write them, one operator of torch's a step, for blocks.py to compare with."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from zoo_lung.attention import eca_kernel


class PlainFReLU(nn.Module):
    """torch.max of the features and their convolution."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)
        self.bn = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        condition: Tensor = self.bn(self.conv(x))
        return torch.max(x, condition)


class PlainSE(nn.Module):
    """Pooling, two linear layers, sigmoid, product: one module each."""

    def __init__(self, channels: int, reduction: int) -> None:
        super().__init__()
        narrow = channels // reduction
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.gate = nn.Sequential(nn.Linear(channels, narrow), nn.ReLU(), nn.Linear(narrow, channels), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        weights: Tensor = self.gate(self.pool(x).flatten(1))
        return x * weights.view(*x.shape[:2], 1, 1)


class PlainCBAM(nn.Module):
    """The shared layers called twice, the pooled maps joined."""

    def __init__(self, channels: int, reduction: int) -> None:
        super().__init__()
        narrow = channels // reduction
        self.average, self.largest = nn.AdaptiveAvgPool2d(1), nn.AdaptiveMaxPool2d(1)
        self.mlp = nn.Sequential(nn.Linear(channels, narrow), nn.ReLU(), nn.Linear(narrow, channels))
        self.conv = nn.Conv2d(2, 1, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        scores = self.mlp(self.average(x).flatten(1)) + self.mlp(self.largest(x).flatten(1))
        x = x * torch.sigmoid(scores).view(*x.shape[:2], 1, 1)
        pooled = torch.cat([x.max(dim=1, keepdim=True).values, x.mean(dim=1, keepdim=True)], dim=1)
        return x * torch.sigmoid(self.conv(pooled))


class PlainLung(nn.Module):
    """ECA-Net's channel attention, then a 1x1 convolution's spatial attention."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        kernel = eca_kernel(channels)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.conv = nn.Conv1d(1, 1, kernel, padding=kernel // 2, bias=False)
        self.place = nn.Conv2d(channels, 1, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        scores = self.conv(self.pool(x).squeeze(-1).transpose(-1, -2)).transpose(-1, -2).unsqueeze(-1)
        x = x * torch.sigmoid(scores)
        return x * torch.sigmoid(self.place(x))
