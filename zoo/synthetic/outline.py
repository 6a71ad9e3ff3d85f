"""Closed outlines of glands, vessels and fat cells, and planes filled with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from zoo.synthetic.noise import Plane, Shape

Points = NDArray[np.float64]
CORNERS = 120
OVERSAMPLING = 2  # outlines are filled at this many times the resolution, then averaged


@dataclass(frozen=True, kw_only=True)
class Outline:
    """A closed curve: (y, x) points with outward unit normals."""

    points: Points
    normals: Points

    def inset(self, depth: float | Points) -> Outline:
        """Return the curve moved inwards, by one depth or by one for each point."""
        return Outline(points=self.points - self.normals * np.reshape(depth, (-1, 1)), normals=self.normals)

    def spaced(self, spacing: float, start: float) -> tuple[Points, Points]:
        """Return points along the curve at equal distances of about `spacing`, and their normals."""
        closed = np.concatenate([self.points, self.points[:1]])
        length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
        count = max(int(length[-1] / spacing), 3)
        at = (np.arange(count) + start) % count * (length[-1] / count)
        corner = np.interp(at, length, np.arange(len(length)))
        near = np.minimum(corner.astype(int), len(self.points) - 1)
        step = (corner - near)[:, None]
        return closed[near] * (1 - step) + closed[near + 1] * step, self.normals[near]


def blob(
    rng: np.random.Generator, *, center: tuple[float, float], radius: float, stretch: float, wobble: float
) -> Outline:
    """Return a random closed curve: a circle, stretched and rotated, whose radius varies by `wobble`."""
    turn = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    sway = sum(
        rng.normal(0, wobble / order) * np.cos(order * turn + rng.uniform(0, 2 * np.pi)) for order in (2, 3, 4, 5)
    )
    reach = radius * np.maximum(1 + sway, 0.4)
    angle = rng.uniform(0, np.pi)
    long, across = reach * np.cos(turn) * np.sqrt(stretch), reach * np.sin(turn) / np.sqrt(stretch)
    points = np.stack(
        [long * np.sin(angle) + across * np.cos(angle), long * np.cos(angle) - across * np.sin(angle)], axis=1
    )
    along = np.roll(points, -1, axis=0) - np.roll(points, 1, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True) + 1e-9
    normals = np.stack([along[:, 1], -along[:, 0]], axis=1)
    outward = np.sign((normals * points).sum(axis=1).mean())
    return Outline(points=points + center, normals=normals * outward)


def random_blobs(
    rng: np.random.Generator,
    shape: Shape,
    *,
    most: int,
    radius: tuple[float, float],
    stretch: tuple[float, float],
    wobble: float,
) -> list[Outline]:
    """Return up to `most` blobs anywhere in the tile, with radius and stretch drawn from the given ranges."""
    return [
        blob(
            rng,
            center=(rng.uniform(0, shape[0]), rng.uniform(0, shape[1])),
            radius=rng.uniform(*radius),
            stretch=rng.uniform(*stretch),
            wobble=wobble,
        )
        for _ in range(rng.integers(0, most + 1))
    ]


def fill(shape: Shape, outlines: Iterable[Outline], *, line: float = 0.0) -> Plane:
    """Return 1 inside the outlines (or, with a `line` width, on them) and 0 outside, with anti-aliased edges."""
    canvas = Image.new("L", (shape[1] * OVERSAMPLING, shape[0] * OVERSAMPLING))
    pen = ImageDraw.Draw(canvas)
    for outline in outlines:
        corners = [(float(x) * OVERSAMPLING, float(y) * OVERSAMPLING) for y, x in outline.points]
        if line:
            pen.line([*corners, corners[0]], fill=255, width=max(round(line * OVERSAMPLING), 1), joint="curve")
        else:
            pen.polygon(corners, fill=255)
    covered: Plane = np.asarray(canvas.reduce(OVERSAMPLING), dtype=np.float32)
    return np.asarray(covered / np.float32(255), dtype=np.float32)
