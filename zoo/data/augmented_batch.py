"""A batch for training: images augmented and mixed with others, as the recipe states."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zoo.config.recipe import Recipe
from zoo.data.augmentation.augment import augment
from zoo.data.mixup import mix, partners

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class AugmentedBatch:
    """Augmented images; if they were mixed, also the other image and the weight of the own label for each."""

    images: Tensor
    others: np.ndarray | None = None
    """The indices of the images that they were mixed with."""
    own: Tensor | None = None
    """The weight of the label of each image; the label of the other image has the rest."""


def augmented_batch(
    take: Callable[[np.ndarray], Tensor],
    chosen: np.ndarray,
    numbers: np.ndarray,
    *,
    pool: np.ndarray,
    recipe: Recipe,
    seed: int,
    epoch: int,
) -> AugmentedBatch:
    """Return the chosen images, augmented and mixed.

    Args:
        take: Returns images by index, N x 3 x height x width, as 8-bit values.
        chosen: The images, by index.
        numbers: A number for each of them, on which its random draws depend.
        pool: The images that these are mixed with, by index, one as often as it is sampled in the epoch.
        recipe: The recipe, with the augmentations and the mixing.
        seed: The random seed.
        epoch: The epoch.
    """

    def augmented(indices: np.ndarray) -> Tensor:
        pixels = take(indices).float().div_(255)
        return augment(pixels, recipe.augment, seed=seed, epoch=epoch, indices=numbers)

    images = augmented(chosen)
    if recipe.mixing == "none":
        return AugmentedBatch(images=images)
    others = partners(pool, numbers, seed=seed, epoch=epoch)
    images, own = mix(images, augmented(others), recipe.mixing, seed=seed, epoch=epoch, indices=numbers)
    return AugmentedBatch(images=images, others=others, own=own)
