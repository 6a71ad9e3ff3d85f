"""Augmentation of whole batches on the training device, with random parameters for each image.

Each augmentation is a function of a batch (N x 3 x height x width, values in 0..1) and of uniform numbers (N x draws).
The numbers depend only on (seed, epoch, index), so that neither the order of a batch nor the number of devices changes
an image.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np

from zoo.data.rng import uniform

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Augmentation:
    """An augmentation: the module with its `apply`, how many numbers it needs for each image, and a summary."""

    module: str
    draws: int
    summary: str


AUGMENTATIONS = {
    "symmetries": Augmentation("symmetries", 3, "one of the eight symmetries of the square"),
    "crop": Augmentation("crop", 4, "a random crop of 60 to 100 % of the area, resized to the original size"),
    "stain": Augmentation("stain", 5, "strength and hue of both dyes, in optical-density space"),
    "blur": Augmentation("blur", 2, "a Gaussian blur of up to 1.5 pixels, on half of the images"),
    "cutout": Augmentation("cutout", 4, "a gray rectangle of up to a quarter of the image, on half of the images"),
}


def augment(batch: Tensor, names: Sequence[str], *, seed: int, epoch: int, indices: np.ndarray) -> Tensor:
    """Return a batch with the named augmentations applied in order."""
    import torch

    for name in names:
        augmentation = AUGMENTATIONS[name]
        apply: Callable[[Tensor, Tensor], Tensor] = import_module(f"{__name__}.{augmentation.module}").apply
        numbers = uniform(seed, epoch, indices, augmentation.draws, purpose=name).astype(np.float32)
        batch = apply(batch, torch.from_numpy(numbers).to(batch.device, non_blocking=True))
    return batch
