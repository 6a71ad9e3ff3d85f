"""MixUp (Zhang 2018) and CutMix (Yun 2019): an image and its label are mixed with another image and label.

The partner is drawn by (seed, epoch, index) from all images of the epoch and not from the batch, so that the result
does not depend on the other images of the batch or on the number of devices. With balanced sampling an epoch has as
many images of each class, so partners are balanced too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from zoo.data.rng import uniform

if TYPE_CHECKING:
    from torch import Tensor

Mixing = Literal["none", "mixup", "cutmix"]
MIXUP_STRENGTH = 0.2
"""The parameter of the Beta distribution for MixUp; CutMix uses 1, which is uniform."""


def partners(pool: np.ndarray, indices: np.ndarray, *, seed: int, epoch: int) -> np.ndarray:
    """Return the index of the image that each image is mixed with, drawn from the images of an epoch."""
    draws = uniform(seed, epoch, indices, 1, purpose="partner")[:, 0]
    drawn: np.ndarray = pool[(draws * len(pool)).astype(int)]
    return drawn


def mix(
    batch: Tensor, others: Tensor, mixing: Mixing, *, seed: int, epoch: int, indices: np.ndarray
) -> tuple[Tensor, Tensor]:
    """Return the mixed images, and the weight of each image's own label."""
    import torch

    from zoo.data.augmentation.cutout import pixels_inside

    draws = uniform(seed, epoch, indices, 3, purpose=mixing)
    if mixing == "mixup":
        shares = _beta(draws[:, 0], MIXUP_STRENGTH).astype(np.float32)
        own = torch.from_numpy(shares).to(batch.device, non_blocking=True)
        share = own.view(-1, 1, 1, 1)
        return batch * share + others * (1 - share), own
    numbers = torch.from_numpy(draws.astype(np.float32)).to(batch.device, non_blocking=True)
    side = (1 - numbers[:, 0]).sqrt()
    rows = pixels_inside(numbers[:, 1], side, batch.shape[2], batch)
    columns = pixels_inside(numbers[:, 2], side, batch.shape[3], batch)
    covered = rows.view(len(batch), 1, -1, 1) & columns.view(len(batch), 1, 1, -1)
    own = 1 - rows.float().mean(dim=1) * columns.float().mean(dim=1)
    return torch.where(covered, others, batch), own


def _beta(draws: np.ndarray, strength: float) -> np.ndarray:
    """Return the values of Beta(strength, strength) at these quantiles."""
    from scipy.special import betaincinv

    values: np.ndarray = betaincinv(strength, strength, draws.clip(1e-6, 1 - 1e-6))
    return values
