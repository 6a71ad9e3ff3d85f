"""DT Grad-CAM (Liu 2023): Grad-CAM with a dynamic threshold, which shows only the strongest regions.

The paper does not define the threshold. Here it is Otsu's threshold of each map: values below it become zero, and the
others are scaled to 0..1.
"""

from __future__ import annotations

import numpy as np

BINS = 256


def dynamic_threshold(heat: np.ndarray) -> np.ndarray:
    """Return a heat map in 0..1 with values below its Otsu threshold set to zero, and the others scaled to 0..1."""
    limit = otsu(heat)
    return np.clip((heat - limit) / max(1 - limit, 1e-12), 0, 1)


def otsu(heat: np.ndarray) -> float:
    """Return the threshold with the largest variance between the values below and above it (Otsu 1979)."""
    counts, edges = np.histogram(heat, bins=BINS, range=(0, 1))
    centers = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    weighted = np.cumsum(counts * centers)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (weighted / below - (weighted[-1] - weighted) / above) ** 2
    if not np.isfinite(between).any():
        return 0.0
    return float(edges[int(np.nanargmax(between)) + 1])
