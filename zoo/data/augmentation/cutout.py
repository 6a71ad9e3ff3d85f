"""Cutout: a gray rectangle over a part of the image, so that the network cannot rely on only that part."""

from __future__ import annotations

import torch
from torch import Tensor

SHARE = 0.5
MAX_SIDE = 0.5
"""The largest side of the rectangle, as a share of the side of the image."""
GRAY = 0.5


def apply(batch: Tensor, draws: Tensor) -> Tensor:
    """Cover a rectangle with random position and size in about half of the images."""
    count, _, height, width = batch.shape
    size = MAX_SIDE * (draws[:, 1] * 0.5 + 0.5) * (draws[:, 0] < SHARE)
    rows = pixels_inside(draws[:, 2], size, height, batch)
    columns = pixels_inside(draws[:, 3], size, width, batch)
    covered = rows.view(count, 1, height, 1) & columns.view(count, 1, 1, width)
    return torch.where(covered, torch.full_like(batch, GRAY), batch)


def pixels_inside(middle: Tensor, size: Tensor, length: int, batch: Tensor) -> Tensor:
    """Return which of `length` pixels along one side of an image are in a rectangle, N x length.

    `middle` and `size` of the rectangle are shares of the side.
    """
    positions = (torch.arange(length, device=batch.device, dtype=batch.dtype) + 0.5) / length
    return (positions - middle[:, None]).abs() < size[:, None] / 2
