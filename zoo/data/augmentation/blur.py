"""Blur: a slide that is a little out of focus."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

SHARE = 0.5
WIDEST = 1.5
"""The largest standard deviation, in pixels."""
REACH = 4
"""Pixels to each side that the kernel looks at."""


def apply(batch: Tensor, draws: Tensor) -> Tensor:
    """Convolve every image with a Gaussian of its own, across and down."""
    blurred = draws[:, 0] < SHARE
    sigma = (WIDEST * draws[:, 1]).clamp(min=0.05)
    sigma = torch.where(blurred, sigma, torch.full_like(sigma, 0.05))  # so narrow that nothing changes
    places = torch.arange(-REACH, REACH + 1, device=batch.device, dtype=batch.dtype)
    kernel = torch.exp(-0.5 * (places / sigma[:, None]) ** 2)
    kernel = (kernel / kernel.sum(dim=1, keepdim=True)).repeat_interleave(3, dim=0)[:, None]
    count, channels, height, width = batch.shape
    padded = F.pad(batch, (REACH, REACH, REACH, REACH), mode="reflect")
    flat = padded.reshape(1, count * channels, *padded.shape[2:])
    across = F.conv2d(flat, kernel[:, :, None, :], groups=count * channels)
    down = F.conv2d(across, kernel[:, :, :, None], groups=count * channels)
    return down.reshape(count, channels, height, width)
