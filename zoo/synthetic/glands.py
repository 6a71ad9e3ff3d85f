"""Benign tissue: glands with a lumen, lined by one or two regular layers of small, round nuclei."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zoo.synthetic.cells import Cells, concatenate
from zoo.synthetic.layout import Layout, fat_cells, membranes
from zoo.synthetic.noise import Shape, noise, step
from zoo.synthetic.outline import Outline, Points, blob, fill
from zoo.synthetic.patients import Patient

NUCLEUS = 5.2  # mean radius of a benign epithelial nucleus, in pixels


@dataclass(frozen=True, kw_only=True)
class GlandStyle:
    """The glands of a subtype: size, shape, and how many placements are tried."""

    radius: tuple[float, float]
    stretch: tuple[float, float]
    wobble: float
    tries: int
    myxoid: float = 0.0


STYLES = {
    "A": GlandStyle(radius=(29, 42), stretch=(1.0, 1.6), wobble=0.06, tries=60),
    "F": GlandStyle(radius=(32, 52), stretch=(1.0, 2.0), wobble=0.10, tries=40),
    "PT": GlandStyle(radius=(40, 64), stretch=(1.2, 2.2), wobble=0.14, tries=40, myxoid=0.5),
    "TA": GlandStyle(radius=(28, 38), stretch=(1.0, 1.3), wobble=0.05, tries=90),
}


@dataclass(frozen=True, kw_only=True)
class Gland:
    """The outline of a gland, the outline of its lumen, and its cells."""

    edge: Outline
    lumen: Outline
    cells: Cells


def benign(rng: np.random.Generator, patient: Patient, shape: Shape) -> Layout:
    """Return the layout of benign tissue: glands in stroma, and up to two fat cells behind them."""
    placed = glands(rng, patient, shape)
    edges = [gland.edge for gland in placed]
    body = fill(shape, edges)
    fat = fat_cells(rng, shape, most=2)
    behind = 1 - fill(shape, [edge.inset(-5) for edge in edges])
    return Layout(
        epithelium=body,
        void=np.maximum(fill(shape, [gland.lumen for gland in placed]), fill(shape, fat) * behind),
        membrane=np.maximum(membranes(shape, edges), membranes(shape, fat) * behind),
        mucin=np.float32(STYLES[patient.subtype].myxoid) * step(noise(rng, shape, 50), 1.5),
        cells=concatenate([gland.cells for gland in placed]),
    )


def glands(rng: np.random.Generator, patient: Patient, shape: Shape) -> list[Gland]:
    """Return glands that do not touch, as many as were placed in the given number of tries."""
    style = STYLES[patient.subtype]
    taken: list[tuple[float, float, float]] = []
    placed: list[Gland] = []
    for _ in range(style.tries):
        radius, stretch = rng.uniform(*style.radius), rng.uniform(*style.stretch)
        center = (
            rng.uniform(-0.5 * radius, shape[0] + 0.5 * radius),
            rng.uniform(-0.5 * radius, shape[1] + 0.5 * radius),
        )
        reach = radius * np.sqrt(stretch)
        if all(np.hypot(center[0] - y, center[1] - x) > 0.96 * (reach + other) + 5 for y, x, other in taken):
            taken.append((*center, reach))
            edge = blob(rng, center=center, radius=radius, stretch=stretch, wobble=style.wobble)
            placed.append(_gland(rng, edge, radius, patient.texture.nucleus_scale))
    return placed


def _gland(rng: np.random.Generator, edge: Outline, radius: float, scale: float) -> Gland:
    """Return a gland with one or two layers of epithelium and an outer row of flat nuclei."""
    nucleus = NUCLEUS * scale
    layers = 2 if radius > 36 and rng.random() < 0.5 else 1
    spacing = nucleus * rng.uniform(2.25, 2.6)
    depth = nucleus * 1.75
    rows = [_row(rng, edge.inset(depth + 2 * nucleus * layer), nucleus, spacing, layer / 2) for layer in range(layers)]
    rim = _row(rng, edge.inset(1.5), nucleus * 0.55, spacing * 2.1, 0.3)
    rim = _flatten(rng, rim)
    thickness = depth + 2 * nucleus * (layers - 1) + nucleus * rng.uniform(1.7, 2.6)
    snouts = rng.normal(0, 0.12 * nucleus, len(edge.points))
    return Gland(edge=edge, lumen=edge.inset(thickness + snouts), cells=concatenate([rim, *rows]))


def _row(rng: np.random.Generator, path: Outline, nucleus: float, spacing: float, start: float) -> Cells:
    """Return a row of nuclei along an outline."""
    places, normals = path.spaced(spacing, start)
    return _epithelium(rng, places + rng.normal(0, 0.07 * nucleus, places.shape), normals, nucleus)


def _epithelium(rng: np.random.Generator, places: Points, normals: Points, nucleus: float) -> Cells:
    """Return regular epithelial nuclei at these places, oriented along the normals."""
    count = len(places)
    ones = np.ones(count, np.float32)

    def around(mean: float, spread: float) -> NDArray[np.float32]:
        return rng.normal(mean, spread, count).astype(np.float32)

    return Cells(
        y=places[:, 0].astype(np.float32),
        x=places[:, 1].astype(np.float32),
        radius=around(nucleus, 0.05 * nucleus),
        stretch=around(1.22, 0.07).clip(1),
        angle=np.arctan2(normals[:, 0], normals[:, 1]).astype(np.float32) + around(0, 0.12),
        ragged=0.015 * ones,
        density=around(0.86, 0.05),
        pale=0.28 * ones,
        clumps=0.07 * ones,
        nucleolus=0 * ones,
        cytoplasm=0 * ones,
    )


def _flatten(rng: np.random.Generator, cells: Cells) -> Cells:
    """Return a row as the outer, myoepithelial one: thin and dark nuclei along the outline."""
    ones = np.ones(len(cells), np.float32)
    return Cells(
        y=cells.y,
        x=cells.x,
        radius=cells.radius,
        stretch=rng.uniform(2.2, 3.4, len(cells)).astype(np.float32),
        angle=cells.angle + np.float32(np.pi / 2),
        ragged=cells.ragged,
        density=1.05 * ones,
        pale=0 * ones,
        clumps=cells.clumps,
        nucleolus=cells.nucleolus,
        cytoplasm=cells.cytoplasm,
    )
