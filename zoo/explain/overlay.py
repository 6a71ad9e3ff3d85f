"""A heat map drawn over its image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zoo.explain.placement import place

if TYPE_CHECKING:
    from PIL.Image import Image

RAMP = np.array([[33, 144, 141], [53, 183, 121], [94, 201, 98], [170, 220, 50], [253, 231, 37]])
"""Teal to yellow, ever lighter. No color of the ramp is like one of H&E, or white: benchmarks/heat_map_colors.py."""

UNSEEN = 0.6
"""How much white is mixed into the parts that the network did not see; they are drawn without color."""


def overlay(image: Image, heat: np.ndarray, *, strength: float = 0.55) -> Image:
    """Return the image at its own size with a heat map drawn over it.

    Args:
        image: The image.
        heat: Values in 0..1 for the whole image, in any resolution. The map is transparent where they are zero; where
            they are NaN, the image is drawn pale and without color, since the network did not see that part.
        strength: How opaque the map is where its value is 1.
    """
    from PIL import Image

    pixels = np.asarray(image, dtype=np.float32)
    level, unseen = np.nan_to_num(heat), np.isnan(heat)
    if heat.shape != pixels.shape[:2]:
        whole = (0, 0, *image.size)
        level, unseen = place(level, image.size, whole), place(unseen, image.size, whole) > 0.5
    steps = np.linspace(0, 1, len(RAMP))
    color = np.stack([np.interp(level, steps, RAMP[:, channel]) for channel in range(3)], axis=-1)
    share = (strength * np.sqrt(level))[..., None]
    mixed = pixels * (1 - share) + color * share
    mixed[unseen] = (1 - UNSEEN) * pixels[unseen].mean(axis=-1, keepdims=True) + UNSEEN * 255
    return Image.fromarray(mixed.round().astype(np.uint8))
