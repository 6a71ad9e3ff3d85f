"""Descriptors of thumbnails: vectors that do not change when an image is mirrored or rotated by 90 degrees.

A mirrored image has the same cosine transform with other signs, and a transposed one has it transposed. The absolute
values of the transform, with those at (u, v) and (v, u) in order of size, are therefore the same for all eight
symmetries. The distance of two descriptors is at most that of the images under the best symmetry. Contrast is left out:
copies are found although theirs differs.
"""

from __future__ import annotations

import numpy as np

from zoo.data.near_identical.thumbnails import SIDE, Floats, Thumbnails

DIMENSIONS = 16
"""The number of principal components that are kept of a descriptor."""
_BLOCK = 8192


def descriptors(thumbnails: Thumbnails) -> Floats:
    """Return the first principal components of the descriptors; no thumbnail may be of one color."""
    full = np.concatenate(
        [_descriptors(thumbnails[start : start + _BLOCK]) for start in range(0, len(thumbnails), _BLOCK)]
    )
    full -= full.mean(axis=0)
    _, axes = np.linalg.eigh((full.T @ full).astype(np.float64))
    return np.asarray(full @ axes[:, ::-1][:, :DIMENSIONS].astype(np.float32))


def _descriptors(thumbnails: Thumbnails) -> Floats:
    """Return the cosine transform of the image with contrast 1, without signs."""
    images = thumbnails.astype(np.float32)
    images -= images.mean(axis=(1, 2), keepdims=True)
    contrast = images.std(axis=(1, 2))
    cosines = _cosines()
    transform = np.abs(cosines @ images @ cosines.T) / (contrast[:, None, None] * SIDE)
    rows, columns = np.triu_indices(SIDE, 1)
    upper, lower = transform[:, rows, columns], transform[:, columns, rows]
    diagonal = np.diagonal(transform, axis1=1, axis2=2)
    return np.concatenate([np.maximum(upper, lower), np.minimum(upper, lower), diagonal], axis=1)


def _cosines() -> Floats:
    """Return the matrix of the orthonormal cosine transform (DCT-II)."""
    frequency, place = np.arange(SIDE)[:, None], np.arange(SIDE)[None]
    matrix = np.sqrt(2 / SIDE) * np.cos(np.pi * (2 * place + 1) * frequency / (2 * SIDE))
    matrix[0] /= np.sqrt(2)
    return np.asarray(matrix, dtype=np.float32)
