"""What can be said of a tile without any model."""

from __future__ import annotations

import numpy as np
from PIL import Image

SIDE = 16
"""The side in pixels of the gray copy that the contrast is measured on."""
BLANK = 3.0
"""A tile with less contrast, of 255 gray values, is called almost blank."""


def contrast(tile: Image.Image) -> float:
    """Return the standard deviation of the gray values, of 255, of a small copy of a tile."""
    gray = tile.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
    return float(np.asarray(gray, dtype=np.float64).std())


def blank_note(tile: Image.Image) -> str:
    """Return what is said of a tile that is almost of one color; empty for any other."""
    found = contrast(tile)
    if found >= BLANK:
        return ""
    return f"This tile is almost blank (contrast {found:.1f} of 255): whatever the models say of it means nothing."
