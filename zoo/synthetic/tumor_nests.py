"""Malignant tissue: irregular nests, cords and single cells with large, crowded, uneven nuclei."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zoo.synthetic.cells import Cells
from zoo.synthetic.layout import Layout, fat_cells, membranes
from zoo.synthetic.noise import Plane, Shape, noise, step
from zoo.synthetic.outline import Outline, fill, random_blobs
from zoo.synthetic.patients import Patient
from zoo.synthetic.stroma import Stroma

NUCLEUS = 7.2  # mean radius of a malignant nucleus, in pixels
MITOSES = 0.02


@dataclass(frozen=True, kw_only=True)
class NestStyle:
    """The nests of a subtype: their size, their share of the tile, how much they follow the fibers."""

    nest: float
    share: tuple[float, float]
    cords: float = 0.0
    mucin: float = 0.0


STYLES = {
    "DC": NestStyle(nest=46, share=(0.32, 0.50)),
    "LC": NestStyle(nest=40, share=(0.30, 0.42), cords=1.3),
    "MC": NestStyle(nest=36, share=(0.30, 0.45), mucin=0.75),
    "PC": NestStyle(nest=34, share=(0.34, 0.52), cords=0.35),
}


def malignant(rng: np.random.Generator, patient: Patient, shape: Shape, stroma: Stroma) -> Layout:
    """Return the layout of malignant tissue: nests in stroma, around fat cells and sometimes broken glands."""
    style = STYLES[patient.subtype]
    fat, broken = fat_cells(rng, shape, most=2), _broken_glands(rng, shape)
    void = fill(shape, fat + broken)
    around = fill(shape, [edge.inset(-rng.uniform(12, 22)) for edge in broken])
    field = _nests(rng, style, shape, stroma) + np.float32(1.2) * around - np.float32(4) * void
    return Layout(
        epithelium=step(field, 0.25),
        void=void,
        membrane=membranes(shape, fat),
        mucin=np.float32(style.mucin) * step(noise(rng, shape, 50) + 1, 1.5),
        cells=_scatter_nuclei(rng, patient, field),
    )


def _broken_glands(rng: np.random.Generator, shape: Shape) -> list[Outline]:
    """Return the outlines of the lumens of at most two misshapen glands."""
    return random_blobs(rng, shape, most=2, radius=(8, 17), stretch=(1.1, 2.2), wobble=0.22)


def _nests(rng: np.random.Generator, style: NestStyle, shape: Shape, stroma: Stroma) -> Plane:
    """Return a field that is positive in nests and negative in the stroma, with noise that makes edges irregular."""
    field = noise(rng, shape, style.nest) + np.float32(0.35) * noise(rng, shape, 14)
    if style.cords:
        files = np.sin(stroma.across * np.float32(2 * np.pi / (4.2 * NUCLEUS)))
        field = field + np.float32(style.cords) * files
    return np.asarray(field - np.quantile(field, 1 - rng.uniform(*style.share)), dtype=np.float32)


def _scatter_nuclei(rng: np.random.Generator, patient: Patient, field: Plane) -> Cells:
    """Return nuclei scattered in the nests as densely as they fit, overlapping slightly, and a few outside."""
    height, width = field.shape
    tries = int(900 * height * width / 80_500)
    y = rng.uniform(-4, height + 4, tries)
    x = rng.uniform(-4, width + 4, tries)
    mean = NUCLEUS * patient.texture.nucleus_scale
    radius = mean * np.exp(rng.normal(0, 0.29, tries)).clip(0.55, 1.9)
    depth = field[y.astype(int).clip(0, height - 1), x.astype(int).clip(0, width - 1)]
    wanted = (depth > 0) | ((depth > -1.8) & (rng.random(tries) < 0.035))
    kept = _without_overlap(y, x, radius, wanted, overlap=rng.uniform(0.84, 0.94))
    return _pleomorphic_cells(rng, patient, y[kept], x[kept], radius[kept])


def _without_overlap(
    y: NDArray[np.float64],
    x: NDArray[np.float64],
    radius: NDArray[np.float64],
    wanted: NDArray[np.bool_],
    *,
    overlap: float,
) -> NDArray[np.intp]:
    """Return the index of each cell that is far enough from all cells kept before it."""
    kept: list[int] = []
    blocked = ~wanted
    for cell in np.flatnonzero(wanted):
        if not blocked[cell]:
            kept.append(int(cell))
            blocked |= np.hypot(y - y[cell], x - x[cell]) < overlap * (radius + radius[cell])
    return np.asarray(kept, dtype=np.intp)


def _pleomorphic_cells(
    rng: np.random.Generator,
    patient: Patient,
    y: NDArray[np.float64],
    x: NDArray[np.float64],
    radius: NDArray[np.float64],
) -> Cells:
    """Return nuclei of varying size, shape and chromatin, some in mitosis."""
    count = len(y)
    mitotic = rng.random(count) < MITOSES
    vesicular = rng.random(count) < 0.4

    def pick(condition: NDArray[np.bool_], yes: ArrayLike, no: ArrayLike) -> NDArray[np.float32]:
        return np.asarray(np.where(condition, yes, no), dtype=np.float32)

    return Cells(
        y=y.astype(np.float32),
        x=x.astype(np.float32),
        radius=pick(mitotic, radius * 0.7, radius),
        stretch=pick(mitotic, 3.0, 1 + rng.gamma(2.0, 0.28, count).clip(0, 1.6)),
        angle=rng.uniform(0, np.pi, count).astype(np.float32),
        ragged=pick(mitotic, 0.14, 0.075),
        density=pick(mitotic, 1.5, rng.uniform(0.65, 1.25, count)),
        pale=pick(vesicular & ~mitotic, 0.5, 0.15),
        clumps=pick(mitotic, 0.0, 0.16 * patient.texture.chromatin),
        nucleolus=pick(vesicular & (radius > 6.0) & ~mitotic, 0.7, 0.0),
        cytoplasm=rng.uniform(0.3, 0.8, count).astype(np.float32),
    )
