"""A picture of a batch before and after augmentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zoo.config.recipe import Recipe
from zoo.data.augmentation import augment
from zoo.data.images import pixels, read_image
from zoo.data.manifest import Manifest
from zoo.data.mixup import mix
from zoo.data.rng import shuffled
from zoo.errors import DataError
from zoo.spec import Preprocessing

if TYPE_CHECKING:
    from PIL.Image import Image

COLUMNS = 8


def preview(manifest: Manifest, recipe: Recipe, *, seed: int) -> Image:
    """Rows: the images, each augmentation by itself, and all of them as training sees them."""
    import torch
    from PIL import Image

    size = Preprocessing()
    shape = Preprocessing(height=recipe.height or size.height, width=recipe.width or size.width)
    indices, images = _first_readable(manifest, shape, seed)
    batch = torch.from_numpy(images).permute(0, 3, 1, 2).float().div(255)
    steps = [(name,) for name in recipe.augment]
    rows = [batch, *(augment(batch, step, seed=seed, epoch=1, indices=indices) for step in steps)]
    every = augment(batch, recipe.augment, seed=seed, epoch=1, indices=indices)
    if recipe.mixing != "none":
        every, _ = mix(every, every.roll(1, 0), recipe.mixing, seed=seed, epoch=1, indices=indices)
    sheet = torch.cat([torch.cat(list(row), dim=2) for row in [*rows, every]], dim=1)
    return Image.fromarray((sheet.permute(1, 2, 0).numpy() * 255).round().astype(np.uint8))


def _first_readable(manifest: Manifest, shape: Preprocessing, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Some images, drawn, and their indices; what cannot be read is passed over."""
    found: dict[int, np.ndarray] = {}
    reason: DataError | None = None
    for index in shuffled(seed, 0, np.arange(len(manifest.samples))).tolist():
        try:
            found[index] = pixels(read_image(manifest.samples[index].path), shape)
        except DataError as error:
            reason = error
        if len(found) == COLUMNS:
            break
    if not found:
        raise DataError("none of the images can be read", where=manifest.name, hint=f"such as {reason}")
    return np.array(list(found)), np.stack(list(found.values()))
