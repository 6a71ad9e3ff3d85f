"""A picture of a batch before and after augmentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zoo.config.recipe import Recipe
from zoo.data.augmented_batch import augmented_batch
from zoo.data.images import pixels, read_image
from zoo.data.manifest import Manifest
from zoo.data.rng import shuffled
from zoo.errors import DataError
from zoo.spec import Preprocessing

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

COLUMNS = 8


def preview(manifest: Manifest, recipe: Recipe, *, seed: int) -> Image:
    """Return rows of images: the originals, each augmentation alone, and all of them together, as in training."""
    import torch
    from PIL import Image

    size = Preprocessing()
    shape = Preprocessing(height=recipe.height or size.height, width=recipe.width or size.width)
    images = _readable_images(manifest, shape, seed)
    indices = np.array(list(images))

    def take(selection: np.ndarray) -> Tensor:
        return torch.from_numpy(np.stack([images[int(index)] for index in selection])).permute(0, 3, 1, 2)

    def row(**changes: object) -> Tensor:
        changed = recipe.changed(changes)
        return augmented_batch(take, indices, indices, pool=indices, recipe=changed, seed=seed, epoch=1).images

    rows = [take(indices).float().div(255), *(row(augment=(name,), mixing="none") for name in recipe.augment), row()]
    sheet = torch.cat([torch.cat(list(tiles), dim=2) for tiles in rows], dim=1)
    return Image.fromarray((sheet.permute(1, 2, 0).numpy() * 255).round().astype(np.uint8))


def _readable_images(manifest: Manifest, shape: Preprocessing, seed: int) -> dict[int, np.ndarray]:
    """Return some images at random, by index; files that cannot be read are left out."""
    images: dict[int, np.ndarray] = {}
    reason: DataError | None = None
    for index in shuffled(seed, 0, np.arange(len(manifest.samples))).tolist():
        try:
            images[index] = pixels(read_image(manifest.samples[index].path), shape)
        except DataError as error:
            reason = error
        if len(images) == COLUMNS:
            break
    if not images:
        raise DataError("none of the images can be read", where=manifest.name, hint=f"the last error: {reason}")
    return images
