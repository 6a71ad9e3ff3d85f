"""Closed outlines (glands, vessels, fat) and how they are filled into a plane with soft edges."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from zoo.synthetic.noise import Plane, Shape

Points = NDArray[np.float64]
CORNERS = 120
FINER = 2  # outlines are filled at this many times the resolution, then averaged


@dataclass(frozen=True, kw_only=True)
class Outline:
    """A closed curve as (y, x) points with the unit normals that point out of it."""

    points: Points
    normals: Points

    def inset(self, depth: float | Points) -> Outline:
        """Move the curve inwards, everywhere alike or by one depth for each point."""
        return Outline(points=self.points - self.normals * np.reshape(depth, (-1, 1)), normals=self.normals)

    def spaced(self, spacing: float, start: float) -> tuple[Points, Points]:
        """Find places along the curve at even distances of about `spacing`, and the normals there."""
        closed = np.concatenate([self.points, self.points[:1]])
        length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
        count = max(int(length[-1] / spacing), 3)
        at = (np.arange(count) + start) % count * (length[-1] / count)
        corner = np.interp(at, length, np.arange(len(length)))
        near = np.minimum(corner.astype(int), len(self.points) - 1)
        step = (corner - near)[:, None]
        return closed[near] * (1 - step) + closed[near + 1] * step, self.normals[near]


def blob(
    rng: np.random.Generator, *, centre: tuple[float, float], radius: float, stretch: float, wobble: float
) -> Outline:
    """Make a random closed curve: a circle, stretched and turned, its radius swaying by `wobble`."""
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
    return Outline(points=points + centre, normals=normals * outward)


def fill(shape: Shape, outlines: Iterable[Outline], *, line: float = 0.0) -> Plane:
    """1 inside the outlines (or, with a `line` width, on them), 0 outside, with anti-aliased edges."""
    canvas = Image.new("L", (shape[1] * FINER, shape[0] * FINER))
    pen = ImageDraw.Draw(canvas)
    for outline in outlines:
        corners = [(float(x) * FINER, float(y) * FINER) for y, x in outline.points]
        if line:
            pen.line([*corners, corners[0]], fill=255, width=max(round(line * FINER), 1), joint="curve")
        else:
            pen.polygon(corners, fill=255)
    covered: Plane = np.asarray(canvas.reduce(FINER), dtype=np.float32)
    return np.asarray(covered / np.float32(255), dtype=np.float32)
