"""The layout of a tile: epithelium, lumens, membranes, mucin and cells, before staining."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zoo.synthetic.cells import Cells
from zoo.synthetic.noise import Plane, Shape
from zoo.synthetic.outline import Outline, fill, random_blobs


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Planes of epithelium, white voids, membranes and mucin (0 to 1 each), and all epithelial cells."""

    epithelium: Plane
    void: Plane
    membrane: Plane
    mucin: Plane
    cells: Cells


def fat_cells(rng: np.random.Generator, shape: Shape, *, most: int) -> list[Outline]:
    """Return the outlines of up to `most` round fat cells anywhere in the tile."""
    return random_blobs(rng, shape, most=most, radius=(10, 22), stretch=(1, 1.4), wobble=0.06)


def membranes(shape: Shape, outlines: list[Outline]) -> Plane:
    """Return the plane with the thin line around each outline."""
    return fill(shape, outlines, line=1.8)
