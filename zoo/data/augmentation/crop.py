"""Random resized crop: a part of each image, with random position and size, resized to the size of the batch."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

MIN_AREA = 0.6
"""The smallest share of the area that is kept."""
STRETCH = 0.1
"""How much the aspect ratio may change, as the logarithm of the factor for each side."""


def apply(batch: Tensor, draws: Tensor) -> Tensor:
    """Return a crop of every image, resized to its original size."""
    area = MIN_AREA + (1 - MIN_AREA) * draws[:, 0]
    stretch = torch.exp(STRETCH * (2 * draws[:, 1] - 1))
    across = (area.sqrt() * stretch).clamp(max=1)
    down = (area.sqrt() / stretch).clamp(max=1)
    matrix = torch.zeros(len(batch), 2, 3, device=batch.device, dtype=batch.dtype)
    matrix[:, 0, 0], matrix[:, 1, 1] = across, down
    matrix[:, 0, 2] = (2 * draws[:, 2] - 1) * (1 - across)
    matrix[:, 1, 2] = (2 * draws[:, 3] - 1) * (1 - down)
    grid = F.affine_grid(matrix, list(batch.shape), align_corners=False)
    return F.grid_sample(batch, grid, mode="bilinear", padding_mode="reflection", align_corners=False)
