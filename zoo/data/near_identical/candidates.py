"""Candidates for pairs of near-identical images, by locality-sensitive hashing.

In each of several tables, the descriptors are rotated at random and divided into cells, so fine that an image shares
its cell with few others. Only images that share a cell are compared, so the time grows in proportion to the number of
images. Datar et al., "Locality-sensitive hashing scheme based on p-stable distributions", SCG 2004.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zoo.data.near_identical.thumbnails import Floats

RADIUS = 0.13
"""The largest distance of the descriptors of a pair. Measured copies had up to 0.127."""
TABLES = 32
CELL = 0.15
"""The width of a cell."""
OTHERS = 16
"""The mean number of images in an image's cell at which no more dimensions divide it; and how many are compared."""


def candidates(descriptors: Floats) -> NDArray[np.int64]:
    """Return pairs of indices whose descriptors are near each other, as an array of pairs x 2, each pair once."""
    count, dimensions = descriptors.shape
    random = np.random.default_rng(0)
    found = [np.empty(0, dtype=np.int64)]
    for _ in range(TABLES):
        rotation = np.linalg.qr(random.normal(size=(dimensions, dimensions)))[0].astype(np.float32)
        offsets = random.random(dimensions, dtype=np.float32)
        cells = _cells(np.floor(descriptors @ rotation / CELL + offsets).astype(np.int64))
        order = np.argsort(cells, kind="stable")
        for step in range(1, OTHERS + 1):
            same = np.flatnonzero(cells[order[step:]] == cells[order[:-step]])
            if not len(same):
                break
            first, second = order[same], order[same + step]
            near = ((descriptors[first] - descriptors[second]) ** 2).sum(axis=1) <= RADIUS**2
            low, high = np.minimum(first[near], second[near]), np.maximum(first[near], second[near])
            found.append(low * count + high)
    pairs = np.unique(np.concatenate(found))
    return np.stack([pairs // count, pairs % count], axis=1)


def _cells(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of each image's cell, divided by as many dimensions as needed for cells with few images."""
    count, dimensions = numbers.shape
    cells = np.zeros(count, dtype=np.int64)
    for dimension in range(dimensions):
        column = numbers[:, dimension] - numbers[:, dimension].min()
        cells = np.unique(cells * (int(column.max()) + 1) + column, return_inverse=True)[1].astype(np.int64)
        sizes = np.bincount(cells).astype(np.float64)
        if (sizes**2).sum() <= OTHERS * count:
            break
    return cells
