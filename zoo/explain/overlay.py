"""A heat map drawn over its image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image

# dark violet to yellow, in perceptual order: distinct from the pink and blue of the stain
RAMP = np.array(
    [[0, 0, 4], [51, 9, 95], [120, 28, 109], [188, 55, 84], [237, 105, 37], [252, 181, 25], [252, 255, 164]]
)


def overlay(image: Image, heat: np.ndarray, *, strength: float = 0.55) -> Image:
    """Return the image at its own size with the heat map drawn over it, transparent where the map is zero."""
    from PIL import Image

    gray = Image.fromarray((heat * 255).round().astype(np.uint8)).resize(image.size, Image.Resampling.BICUBIC)
    level = np.asarray(gray, dtype=np.float64) / 255
    steps = np.linspace(0, 1, len(RAMP))
    color = np.stack([np.interp(level, steps, RAMP[:, channel]) for channel in range(3)], axis=-1)
    share = (strength * np.sqrt(level))[..., None]
    mixed = np.asarray(image, dtype=np.float64) * (1 - share) + color * share
    return Image.fromarray(mixed.round().astype(np.uint8))
