"""What decides that an image is unlike the training images: two thresholds on two numbers.

The distance is that to the nearest training images in the features that feed the head, all scaled to length 1 (Sun,
Ming, Zhu and Li, "Out-of-Distribution Detection with Deep Nearest Neighbors", ICML 2022). Such features hardly tell
blank glass from pale tissue, so that an image with less contrast than all of these training images counts as unlike
them, too.
benchmarks/novelty.py measures what is found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zoo.calibration.temperature import patient_weights

NEIGHBORS = 5
"""The distance is that to the fifth nearest training image."""
MAX_IMAGES = 1000
"""Of more training images, this many are taken, spread evenly."""
QUANTILE = 0.98
"""The share of a validation patient's images that are not unlike the training images, on average."""
MIN_VALIDATION = 20
"""Of fewer validation images, so high a quantile would be that of a single one."""
UNLIKE = "none of these: unlike my training images"


@dataclass(frozen=True, kw_only=True)
class Novelty:
    """How to tell that an image is unlike the training images."""

    layer: str
    """The name of the layer whose input are the features."""
    neighbors: int
    """Which of the nearest training images the distance is measured to."""
    distance: float
    """An image is unlike the training images if it is farther away than this."""
    contrast: float
    """An image with less contrast than this is unlike the training images: the lowest contrast of theirs."""

    def __post_init__(self) -> None:
        if not 1 <= self.neighbors <= MAX_IMAGES:
            raise ValueError(f"neighbors must be from 1 to {MAX_IMAGES}")
        if not 0 < self.distance <= 2 or not 0 <= self.contrast <= 255:
            raise ValueError("distance must be above 0 and at most 2, and contrast from 0 to 255")


def distance_limit(distances: NDArray[np.floating], groups: Sequence[str] | None) -> float:
    """Return the distance that QUANTILE of a validation patient's images do not exceed, on average over the patients.

    Args:
        distances: The distance of each validation image.
        groups: The patient of each image; None if not known, and then every image counts the same.
    """
    order = np.argsort(distances, kind="stable")
    within = np.cumsum(patient_weights(groups, len(distances))[order])
    return float(distances[order[np.searchsorted(within, QUANTILE - 1e-9).clip(max=len(order) - 1)]])
