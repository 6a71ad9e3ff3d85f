"""Stroma: the direction and density of its fibers, and the spindle nuclei between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zoo.synthetic.cells import Cells, Column
from zoo.synthetic.noise import Plane, Shape, grid, lookup, noise, step
from zoo.synthetic.patients import Texture


@dataclass(frozen=True, kw_only=True)
class Stroma:
    """The density of fibers (0 to 1), the pale `gaps` between them, and coordinates `across` and `along`."""

    fibers: Plane
    gaps: Plane
    across: Plane
    along: Plane

    def angles(self, y: Column, x: Column) -> Column:
        """Return the direction of the fibers at the given positions, in radians from the x axis."""
        height, width = self.across.shape
        row, column = y.astype(int).clip(1, height - 2), x.astype(int).clip(1, width - 2)
        down = self.across[row + 1, column] - self.across[row - 1, column]
        right = self.across[row, column + 1] - self.across[row, column - 1]
        return np.asarray(np.arctan2(-right, down), dtype=np.float32)


def draw_fibers(rng: np.random.Generator, texture: Texture, shape: Shape, *, disorder: float) -> Stroma:
    """Return wavy fibers in one main direction, which varies with `disorder`."""
    y, x = grid(shape)
    angle = rng.uniform(0, np.pi)
    drift = np.float32(texture.fiber_waviness * 14 * (1 + disorder))
    across = np.float32(np.cos(angle)) * y - np.float32(np.sin(angle)) * x + drift * noise(rng, shape, 70)
    across += np.float32(texture.fiber_waviness * 2.2) * noise(rng, shape, 22)
    along = np.float32(np.sin(angle)) * y + np.float32(np.cos(angle)) * x
    width = np.float32(texture.fiber_width)
    coarse = lookup(rng, across / width, along / (width * 9))
    crimped = across + np.float32(1.6) * noise(rng, shape, 7)
    fine = lookup(rng, crimped / (width * np.float32(0.34)), along / (width * 3))
    split = lookup(rng, crimped / (width * np.float32(0.9)), along / (width * 5))
    fibers = np.float32(0.5) + np.float32(0.34) * coarse + np.float32(0.34) * fine
    looseness = step(noise(rng, shape, 60) + np.float32(4 * texture.loose - 2), 2.0)
    gaps = np.clip(1 - np.abs(split) / (np.float32(0.07) + np.float32(0.16) * looseness), 0, 1)
    gaps *= np.float32(0.3) + np.float32(0.7) * looseness
    return Stroma(fibers=fibers.clip(0, 1), gaps=gaps, across=across, along=along)


def spindle_nuclei(rng: np.random.Generator, texture: Texture, stroma: Stroma, free: Plane) -> Cells:
    """Return thin dark nuclei of fibroblasts along the fibers where `free` is high, and some round lymphocytes."""
    height, width = free.shape
    count = int(rng.poisson(texture.stromal_nuclei * height * width / 80_500))
    y = rng.uniform(0, height, count).astype(np.float32)
    x = rng.uniform(0, width, count).astype(np.float32)
    kept = free[y.astype(int), x.astype(int)] > 0.6
    y, x = y[kept], x[kept]
    count = len(y)
    is_lymphocyte = rng.random(count) < 0.12
    ones = np.ones(count, np.float32)
    return Cells(
        y=y,
        x=x,
        radius=np.float32(texture.nucleus_scale) * rng.uniform(3.2, 4.4, count).astype(np.float32),
        stretch=np.where(is_lymphocyte, 1.05, rng.uniform(2.6, 5.0, count)).astype(np.float32),
        angle=(stroma.angles(y, x) + rng.normal(0, 0.15, count)).astype(np.float32),
        ragged=0.04 * ones,
        density=np.where(is_lymphocyte, 1.15, rng.uniform(0.75, 1.05, count)).astype(np.float32),
        pale=0.1 * ones,
        clumps=0.08 * ones,
        nucleolus=0 * ones,
        cytoplasm=0 * ones,
    )
