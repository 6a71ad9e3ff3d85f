"""Cells: outlines, chromatin, nucleoli and faint cytoplasm, many drawn at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from zoo.synthetic.noise import Plane, noise

Column = NDArray[np.float32]
REACH = 1.55  # the radius of the cytoplasm, in nuclear radii
HALF_SIZES = (10, 16, 24, 36)  # half sizes of the square patches in which cells are drawn, in pixels


@dataclass(frozen=True, kw_only=True)
class Cells:
    """Cells, with an array for each property.

    `ragged` is the irregularity of outlines, `pale` the lightness of centers, `clumps` the unevenness of the dye.
    """

    y: Column
    x: Column
    radius: Column
    stretch: Column
    angle: Column
    ragged: Column
    density: Column
    pale: Column
    clumps: Column
    nucleolus: Column
    cytoplasm: Column

    def __len__(self) -> int:
        return len(self.y)

    def __getitem__(self, index: NDArray[np.bool_] | NDArray[np.intp]) -> Cells:
        return Cells(**{column.name: getattr(self, column.name)[index] for column in fields(self)})


def concatenate(groups: Iterable[Cells]) -> Cells:
    """Return the cells of several groups in order; later ones are drawn on top."""
    groups = list(groups)
    return Cells(**{c.name: np.concatenate([getattr(g, c.name) for g in groups]) for c in fields(Cells)})


def draw_cells(rng: np.random.Generator, cells: Cells, hematoxylin: Plane, eosin: Plane, *, tissue: Plane) -> None:
    """Draw every cell into the two dye planes, in place; cytoplasm only where there is `tissue`."""
    speckle = noise(rng, (160, 160), 3.2)
    extent = cells.radius * np.sqrt(cells.stretch) * REACH + 3
    sizes = np.searchsorted(HALF_SIZES, extent).clip(max=len(HALF_SIZES) - 1)
    for size, half in enumerate(HALF_SIZES):
        group = cells[sizes == size]
        if len(group):
            for window, patch in zip(
                _windows(group, half, hematoxylin.shape), _patches(rng, group, half, speckle), strict=True
            ):
                _draw_patch(window, patch, hematoxylin, eosin, tissue)


Patch = tuple[Plane, Plane, Plane]
Window = tuple[tuple[slice, slice], tuple[slice, slice]]


def _patches(rng: np.random.Generator, cells: Cells, half: int, speckle: Plane) -> Iterator[Patch]:
    """Yield the nuclear opacity, nuclear dye and cytoplasmic opacity of each cell in its own square."""
    count, side = len(cells), 2 * half + 1

    def column(values: NDArray[np.floating]) -> Plane:
        return values.astype(np.float32)[:, None, None]

    steps = np.arange(-half, half + 1, dtype=np.float32)
    dy = steps[None, :, None] - column(cells.y - np.rint(cells.y, dtype=np.float32))
    dx = steps[None, None, :] - column(cells.x - np.rint(cells.x, dtype=np.float32))
    cos, sin, long = column(np.cos(cells.angle)), column(np.sin(cells.angle)), column(np.sqrt(cells.stretch))
    u, v = (dx * cos + dy * sin) / long, (dy * cos - dx * sin) * long
    rho = np.sqrt(u * u + v * v) + np.float32(1e-3)
    c1, s1 = u / rho, v / rho
    c2, s2 = c1 * c1 - s1 * s1, 2 * c1 * s1
    c3, s3 = c2 * c1 - s2 * s1, s2 * c1 + c2 * s1
    bend = rng.normal(0, 1, (6, count)).astype(np.float32) * cells.ragged
    outline = 1 + column(bend[0]) * c2 + column(bend[1]) * s2 + column(bend[2]) * c3 + column(bend[3]) * s3
    outline += column(bend[4] * 0.6) * (c2 * c3 - s2 * s3) + column(bend[5] * 0.5) * c1
    radius = column(cells.radius)
    inside = 1 - rho / (radius * np.maximum(outline, np.float32(0.45)))
    opacity = np.clip(inside * radius / np.float32(1.4) + np.float32(0.5), 0, 1)
    cytoplasm = np.clip((inside + np.float32(REACH - 1)) * radius / 3, 0, 1) * column(cells.cytoplasm)
    rim = np.clip(1 - np.abs(inside - np.float32(0.08)) * radius / np.float32(1.8), 0, 1)
    down, across = rng.integers(0, 160 - side, (2, count))
    windows = np.lib.stride_tricks.sliding_window_view(speckle, (side, side))[down, across]
    dye = 1 - column(cells.pale) + column(cells.pale) * rim * np.float32(1.25) + column(cells.clumps) * windows
    ny, nx = rng.normal(0, 0.28, (2, count)).astype(np.float32) * cells.radius
    spot = (u - column(nx)) ** 2 + (v - column(ny)) ** 2
    dye += column(cells.nucleolus) * np.clip(np.float32(1.6) - spot / (radius * np.float32(0.5)), 0, 1)
    dye = np.maximum(dye, np.float32(0.15)) * column(cells.density)
    yield from zip(opacity, dye, cytoplasm, strict=True)


def _windows(cells: Cells, half: int, shape: tuple[int, ...]) -> Iterator[Window]:
    """Yield the window of each square in the tile, and the part of the square that is inside the tile."""
    for y, x in zip(np.round(cells.y).astype(int), np.round(cells.x).astype(int), strict=True):
        top, bottom = max(y - half, 0), min(y + half + 1, shape[0])
        left, right = max(x - half, 0), min(x + half + 1, shape[1])
        inner = (
            slice(top - y + half, max(bottom - y + half, 0)),
            slice(left - x + half, max(right - x + half, 0)),
        )
        yield (slice(top, max(bottom, 0)), slice(left, max(right, 0))), inner


def _draw_patch(window: Window, patch: Patch, hematoxylin: Plane, eosin: Plane, tissue: Plane) -> None:
    """Draw one cell into the two dye planes, in place."""
    outer, inner = window
    opacity, dye, cytoplasm = patch[0][inner], patch[1][inner], patch[2][inner]
    if not opacity.size:
        return
    h, e = hematoxylin[outer], eosin[outer]
    cytoplasm = cytoplasm * tissue[outer]
    h += cytoplasm * (np.float32(0.18) - h)
    e += cytoplasm * (np.float32(0.42) - e)
    h += opacity * (dye - h)
    e += opacity * (np.float32(0.22) - e)
