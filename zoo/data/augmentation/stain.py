"""Stain jitter: random changes to the strength and hue of each dye in optical-density space.

In that space, a stronger stain is a larger multiple.
"""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

from zoo.data.optical_density import DARKEST, DYES

STRENGTH = 0.25
HUE = 0.1
BRIGHTNESS = 0.05


def apply(batch: Tensor, draws: Tensor) -> Tensor:
    """Change the strength and hue of both dyes, and the brightness, of every image at random."""
    spread = 2 * draws - 1
    dyes, to_amounts = _matrices(batch.device, batch.dtype)
    turned = dyes.repeat(len(batch), 1, 1)
    turned[:, 0, 2] += HUE * spread[:, 2]
    turned[:, 1, 0] += HUE * spread[:, 3]
    amount = torch.ones(len(batch), 3, device=batch.device, dtype=batch.dtype)
    amount[:, :2] += STRENGTH * spread[:, :2]
    # density -> amounts of dye -> changed amounts -> density along changed directions, as one matrix for each image
    matrix = to_amounts @ (amount[:, :, None] * turned)
    density = -batch.clamp(min=DARKEST).log()
    changed = torch.einsum("nchw,ncd->ndhw", density, matrix)
    changed = changed - (1 + BRIGHTNESS * spread[:, 4]).log().view(-1, 1, 1, 1)
    return torch.exp(-changed).clamp(0, 1)


@cache
def _matrices(device: torch.device, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """Return the densities of the dyes and the inverse matrix, on a device; copying them there would wait for a GPU."""
    dyes = torch.tensor(DYES, dtype=dtype)
    return dyes.to(device), torch.linalg.inv(dyes).to(device)
