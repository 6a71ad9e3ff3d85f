"""Haematoxylin and eosin in optical-density space.

Light that passes a dye falls off exponentially, so in the logarithm the dyes add up (Beer and Lambert). The directions
are those of Ruifrok and Johnston (2001).
"""

from __future__ import annotations

import numpy as np

DYES = np.array([[0.650, 0.704, 0.286], [0.072, 0.990, 0.105], [0.268, 0.570, 0.776]])
"""Optical density of haematoxylin, eosin and a remainder, in red, green and blue."""
DYES = DYES / np.linalg.norm(DYES, axis=1, keepdims=True)
DARKEST = 1 / 255
"""Black would have infinite density."""


def densities(colours: np.ndarray) -> np.ndarray:
    """How much of each dye lies where: last axis red, green, blue in 0..1 -> haematoxylin, eosin, remainder."""
    amounts: np.ndarray = -np.log(np.clip(colours, DARKEST, 1)) @ np.linalg.inv(DYES)
    return amounts
