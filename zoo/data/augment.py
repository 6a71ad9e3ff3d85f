"""Augmentation of whole batches on the training device, with parameters drawn for each image.

Each function takes a batch (N x 3 x height x width, 0..1) and its own uniform numbers (N x draws).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zoo.data.draws import uniform

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Augmentation:
    """A function on batches, and how many numbers it wants for each image."""

    apply: Callable[[Tensor, Tensor], Tensor]
    draws: int


def augment(batch: Tensor, names: Sequence[str], *, seed: int, epoch: int, indices: np.ndarray) -> Tensor:
    """Apply the named augmentations in order. What an image gets depends on seed, epoch and its index alone."""
    import torch

    for name in names:
        chosen = AUGMENTATIONS[name]
        numbers = uniform(seed, epoch, indices, chosen.draws, purpose=name).astype(np.float32)
        batch = chosen.apply(batch, torch.from_numpy(numbers).to(batch.device, non_blocking=True))
    return batch


def _symmetries(batch: Tensor, draws: Tensor) -> Tensor:
    """One of the eight symmetries of the square; of four where the image is not square."""
    import torch

    across, down, turned = ((draws[:, i] < 0.5).view(-1, 1, 1, 1) for i in range(3))
    batch = torch.where(across, batch.flip(3), batch)
    batch = torch.where(down, batch.flip(2), batch)
    if batch.shape[2] == batch.shape[3]:
        batch = torch.where(turned, batch.transpose(2, 3), batch)
    return batch


AUGMENTATIONS = {
    "symmetries": Augmentation(_symmetries, draws=3),
}
