"""A heat map in the size of its image, at the place in the image that it was computed from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]
"""A rectangle in an image: left, top, right and bottom, in pixels."""


def place(heat: np.ndarray, size: tuple[int, int], box: Box) -> NDArray[np.float32]:
    """Return a heat map as height x width of an image, interpolated linearly, with NaN outside its box.

    Args:
        heat: The heat map, in any resolution.
        size: Width and height of the image.
        box: The part of the image that the heat map covers.
    """
    left, top, right, bottom = box
    rows = _weights(size[1], top, bottom, heat.shape[0])
    columns = _weights(size[0], left, right, heat.shape[1])
    placed: NDArray[np.float32] = rows @ heat.astype(np.float32) @ columns.T
    return placed


def _weights(pixels: int, start: float, stop: float, cells: int) -> NDArray[np.float32]:
    """Return how much each cell counts at each pixel along one side: pixels x cells; NaN for pixels outside."""
    position = (np.arange(pixels) + 0.5 - start) / (stop - start) * cells
    position[(position < 0) | (position > cells)] = np.nan
    reach = max(1.0, cells / (stop - start))  # in an image that is smaller than its map, a pixel is a mean of cells
    weights = np.clip(1 - np.abs(position[:, None] - (np.arange(cells) + 0.5)) / reach, 0, None)
    weights /= weights.sum(axis=1, keepdims=True)
    return weights.astype(np.float32)
