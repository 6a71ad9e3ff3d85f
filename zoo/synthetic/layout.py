"""The layout of a tile: epithelium, lumens, membranes, mucin and cells, before staining."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zoo.synthetic.cells import Cells
from zoo.synthetic.noise import Plane, Shape
from zoo.synthetic.outline import Outline, blob, fill


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
    return [
        blob(
            rng,
            centre=(rng.uniform(0, shape[0]), rng.uniform(0, shape[1])),
            radius=rng.uniform(10, 22),
            stretch=rng.uniform(1, 1.4),
            wobble=0.06,
        )
        for _ in range(rng.integers(0, most + 1))
    ]


def membranes(shape: Shape, outlines: list[Outline]) -> Plane:
    """Return the plane with the thin line around each outline."""
    return fill(shape, outlines, line=1.8)
