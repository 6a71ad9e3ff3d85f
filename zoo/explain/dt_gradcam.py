"""DT Grad-CAM (Liu): a threshold that follows the map, for clearer pictures.

No text we have gives the rule. The reading: Otsu's threshold on the map; below it zero, the rest stretched to 0..1.
"""

from __future__ import annotations

import numpy as np

BINS = 256


def dynamic_threshold(heat: np.ndarray) -> np.ndarray:
    """Cut a map in 0..1 at its Otsu threshold and stretch what is left."""
    limit = otsu(heat)
    return np.clip((heat - limit) / max(1 - limit, 1e-12), 0, 1)


def otsu(heat: np.ndarray) -> float:
    """The threshold that parts the values into two groups as far from each other as can be (Otsu 1979)."""
    counts, edges = np.histogram(heat, bins=BINS, range=(0, 1))
    centres = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    weighted = np.cumsum(counts * centres)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (weighted / below - (weighted[-1] - weighted) / above) ** 2
    if not np.isfinite(between).any():
        return 0.0
    return float(edges[int(np.nanargmax(between)) + 1])
