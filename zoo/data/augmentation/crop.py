"""Scale and crop: a part of the image, of another place and size for each, brought back to the batch's size."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

SMALLEST = 0.6
"""The least share of the image's area that is kept."""
STRETCH = 0.1
"""How far the part's sides may differ from the image's, as the logarithm of their ratio."""


def apply(batch: Tensor, draws: Tensor) -> Tensor:
    """Sample every image through its own window."""
    area = SMALLEST + (1 - SMALLEST) * draws[:, 0]
    stretch = torch.exp(STRETCH * (2 * draws[:, 1] - 1))
    across = (area.sqrt() * stretch).clamp(max=1)
    down = (area.sqrt() / stretch).clamp(max=1)
    matrix = torch.zeros(len(batch), 2, 3, device=batch.device, dtype=batch.dtype)
    matrix[:, 0, 0], matrix[:, 1, 1] = across, down
    matrix[:, 0, 2] = (2 * draws[:, 2] - 1) * (1 - across)
    matrix[:, 1, 2] = (2 * draws[:, 3] - 1) * (1 - down)
    grid = F.affine_grid(matrix, list(batch.shape), align_corners=False)
    return F.grid_sample(batch, grid, mode="bilinear", padding_mode="reflection", align_corners=False)
