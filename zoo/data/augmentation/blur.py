"""Gaussian blur, like a slide that is slightly out of focus."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

SHARE = 0.5
MAX_SIGMA = 1.5
"""The largest standard deviation, in pixels."""
RADIUS = 4
"""The radius of the kernel in pixels."""


def apply(batch: Tensor, draws: Tensor) -> Tensor:
    """Blur about half of the images, each with its own sigma; the kernel is applied along rows, then columns."""
    blurred = draws[:, 0] < SHARE
    sigma = (MAX_SIGMA * draws[:, 1]).clamp(min=0.05)
    sigma = torch.where(blurred, sigma, torch.full_like(sigma, 0.05))  # so small that nothing changes
    offsets = torch.arange(-RADIUS, RADIUS + 1, device=batch.device, dtype=batch.dtype)
    kernel = torch.exp(-0.5 * (offsets / sigma[:, None]) ** 2)
    kernel = (kernel / kernel.sum(dim=1, keepdim=True)).repeat_interleave(3, dim=0)[:, None]
    count, channels, height, width = batch.shape
    padded = F.pad(batch, (RADIUS, RADIUS, RADIUS, RADIUS), mode="reflect")
    flat = padded.reshape(1, count * channels, *padded.shape[2:])
    across = F.conv2d(flat, kernel[:, :, None, :], groups=count * channels)
    down = F.conv2d(across, kernel[:, :, :, None], groups=count * channels)
    return down.reshape(count, channels, height, width)
