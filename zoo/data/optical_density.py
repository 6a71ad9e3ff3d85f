"""Hematoxylin and eosin in optical-density space.

A dye absorbs light exponentially (Beer and Lambert), so the densities of dyes, which are logarithms, add up. The
directions are those of Ruifrok and Johnston (2001).
"""

from __future__ import annotations

import numpy as np

DYES = np.array([[0.650, 0.704, 0.286], [0.072, 0.990, 0.105], [0.268, 0.570, 0.776]])
"""The optical density of hematoxylin, eosin and a remainder in red, green and blue."""
DYES = DYES / np.linalg.norm(DYES, axis=1, keepdims=True)
DARKEST = 1 / 255
"""The smallest intensity used, as black would have infinite density."""


def densities(colors: np.ndarray) -> np.ndarray:
    """Return the optical densities of hematoxylin, eosin and a remainder: -log10 of the light that each lets through.

    Args:
        colors: Colors with RGB in 0..1 as the last axis.
    """
    amounts: np.ndarray = -np.log10(np.clip(colors, DARKEST, 1)) @ np.linalg.inv(DYES)
    return amounts
