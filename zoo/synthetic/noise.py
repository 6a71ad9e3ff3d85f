"""Smooth random noise, from which tissue and stroma are made."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Plane = NDArray[np.float32]
Shape = tuple[int, int]


def noise(rng: np.random.Generator, shape: Shape, cell: float) -> Plane:
    """Return smooth noise with zero mean and a standard deviation of about one, varying over about `cell` pixels."""
    height, width = shape
    down, across = height / cell, width / cell
    knots = rng.standard_normal((int(down) + 4, int(across) + 4), dtype=np.float32)
    y, x = rng.uniform(1, 2, 2)
    image = Image.fromarray(knots).resize((width, height), Image.Resampling.BICUBIC, (x, y, x + across, y + down))
    smooth: Plane = np.asarray(image, dtype=np.float32)
    return np.asarray(smooth * np.float32(1.3), dtype=np.float32)


def grid(shape: Shape) -> tuple[Plane, Plane]:
    """Return the y and x of every pixel."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    return y, x


def lookup(rng: np.random.Generator, y: Plane, x: Plane) -> Plane:
    """Return noise that varies over one unit at the given, possibly warped, coordinates."""
    knots = rng.uniform(-1, 1, 64 * 64).astype(np.float32)
    y0, x0 = np.floor(y), np.floor(x)
    fy, fx = y - y0, x - x0
    fy, fx = fy * fy * (3 - 2 * fy), fx * fx * (3 - 2 * fx)
    row = (y0.astype(np.int32) & 63) << 6
    below = ((row >> 6) + 1 & 63) << 6
    column = x0.astype(np.int32) & 63
    right = column + 1 & 63
    top = knots[row + column] * (1 - fx) + knots[row + right] * fx
    bottom = knots[below + column] * (1 - fx) + knots[below + right] * fx
    return np.asarray(top + (bottom - top) * fy, dtype=np.float32)


def step(field: Plane, softness: float) -> Plane:
    """Return 1 above zero and 0 below, with a ramp `softness` wide between them as an anti-aliased edge."""
    return np.asarray(np.clip(field / np.float32(softness) + np.float32(0.5), 0, 1), dtype=np.float32)
