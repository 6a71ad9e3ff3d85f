"""Blank images: empty glass and other images of nearly one color, which are alike without being copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE = 16
"""The side in pixels of the gray copy that the contrast is measured on."""
MIN_CONTRAST = 4.0
"""The standard deviation of gray values, of 255, below which an image is blank."""


def contrast(image: Image) -> float:
    """Return the standard deviation of the gray values of a small copy of an image."""
    from PIL import Image as Pillow

    gray = image.convert("L").resize((SIDE, SIDE), Pillow.Resampling.BILINEAR)
    return float(np.asarray(gray, dtype=np.float64).std())


def is_blank(image: Image) -> bool:
    """Return whether an image shows nearly nothing."""
    return contrast(image) < MIN_CONTRAST
