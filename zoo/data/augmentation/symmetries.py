"""Flips and quarter turns, the eight symmetries of the square: tissue has no up and no down."""

from __future__ import annotations

import torch
from torch import Tensor


def apply(batch: Tensor, draws: Tensor) -> Tensor:
    """Flip images left to right, top to bottom and, if they are square, along the diagonal, each at random."""
    across, down, swapped = ((draws[:, column] < 0.5).view(-1, 1, 1, 1) for column in range(3))
    batch = torch.where(across, batch.flip(3), batch)
    batch = torch.where(down, batch.flip(2), batch)
    if batch.shape[2] == batch.shape[3]:
        batch = torch.where(swapped, batch.transpose(2, 3), batch)
    return batch
