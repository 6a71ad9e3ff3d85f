"""The search for near-identical images among many, in a time that grows in proportion to their number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zoo.data.blank import MIN_CONTRAST
from zoo.data.near_identical.candidates import candidates
from zoo.data.near_identical.descriptors import descriptors
from zoo.data.near_identical.thumbnails import Thumbnails, symmetries

MAX_DISTANCE = 0.25
"""The largest distance of two near-identical images: the root mean square difference of their thumbnails under the best
symmetry, divided by their contrast.

`benchmarks/near_identical.py` measures what it finds: of 16 million pairs of IDC patches of different patients, none is
nearer; copies of its patches after JPEG at quality 50, or at half their size, are.
"""
_BLOCK = 8192


@dataclass(frozen=True, kw_only=True)
class NearPair:
    """Two near-identical images, by index."""

    first: int
    second: int
    distance: float


@dataclass(frozen=True, kw_only=True)
class NearIdentical:
    """The pairs of near-identical images that were found, the nearest first."""

    pairs: tuple[NearPair, ...]
    compared: int
    """The number of images that were compared."""
    blank: tuple[int, ...]
    """Images that were not compared, since they show nearly nothing, such as empty glass: these are alike without being
    copies."""


def find_near_identical(thumbnails: Thumbnails, contents: Sequence[bytes | None]) -> NearIdentical:
    """Return the near-identical pairs among images.

    Args:
        thumbnails: A small copy of each image.
        contents: A digest of each image's pixels: of identical images, only the first is compared. None for an image
            that cannot be read.
    """
    first = {content: index for index, content in reversed(list(enumerate(contents))) if content is not None}
    different = np.array(sorted(first.values()), dtype=np.int64)
    contrast = thumbnails[different].std(axis=(1, 2)) if len(different) else np.empty(0)
    blank, compared = different[contrast < MIN_CONTRAST], different[contrast >= MIN_CONTRAST]
    pairs: list[NearPair] = []
    if len(compared) > 1:
        images = thumbnails[compared]
        nearby = candidates(descriptors(images))
        distances = _distances(images, nearby)
        for place in np.argsort(distances, kind="stable").tolist():
            if distances[place] <= MAX_DISTANCE:
                one, other = compared[nearby[place]].tolist()
                pairs.append(NearPair(first=one, second=other, distance=round(float(distances[place]), 4)))
    return NearIdentical(pairs=tuple(pairs), compared=len(compared), blank=tuple(blank.tolist()))


def _distances(thumbnails: Thumbnails, pairs: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the distance of each pair under the best symmetry."""
    distances = np.empty(len(pairs))
    for start in range(0, len(pairs), _BLOCK):
        first, second = (thumbnails[pairs[start : start + _BLOCK, side]].astype(np.float32) for side in (0, 1))
        squares = np.min([((first - turned) ** 2).mean(axis=(1, 2)) for turned in symmetries(second)], axis=0)
        distances[start : start + _BLOCK] = np.sqrt(squares / (first.std(axis=(1, 2)) * second.std(axis=(1, 2))))
    return distances
