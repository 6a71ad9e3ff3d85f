"""`draw_tile`: one tile, from stroma to image."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zoo.synthetic.cells import concatenate, draw_cells
from zoo.synthetic.color_balance import balance
from zoo.synthetic.glands import benign
from zoo.synthetic.layout import Layout
from zoo.synthetic.noise import Plane, Shape, lookup, noise, step
from zoo.synthetic.optics import photograph
from zoo.synthetic.patients import Patient
from zoo.synthetic.stroma import Stroma, draw_fibers, spindle_nuclei
from zoo.synthetic.tumor_nests import malignant

TILE_SIZE = (230, 350)


def draw_tile(patient: Patient, index: int, *, seed: int, size: Shape = TILE_SIZE) -> NDArray[np.uint8]:
    """Return one tile of a patient as an array of height x width x RGB.

    Args:
        patient: The patient, from `patients(seed)`.
        index: The tile's number.
        seed: The seed of the sample.
        size: Height and width in pixels; a larger tile shows more tissue.
    """
    rng = np.random.default_rng((seed, patient.number, index))
    stroma = draw_fibers(rng, patient.texture, size, disorder=1.0 if patient.malignant else 0.0)
    layout = malignant(rng, patient, size, stroma) if patient.malignant else benign(rng, patient, size)
    void = _tear(rng, stroma, layout, target=rng.uniform(0.07, 0.15))
    hematoxylin, eosin = _stain_background(rng, patient, stroma, layout, void)
    stromal = spindle_nuclei(rng, patient.texture, stroma, 1 - np.maximum(layout.epithelium, void))
    draw_cells(rng, concatenate([stromal, layout.cells]), hematoxylin, eosin, tissue=1 - void)
    return photograph(rng, patient, *balance(rng, hematoxylin, eosin))


def _tear(rng: np.random.Generator, stroma: Stroma, layout: Layout, *, target: float) -> Plane:
    """Return the white voids after clefts along the fibers were added, until they are a `target` share of the tile.

    If the lumens alone are more than that, they are partly filled with secretion. The share of white must not depend on
    the class.
    """
    lacking = target - float(layout.void.mean())
    if lacking <= 0:
        return np.asarray(layout.void * np.float32(target / layout.void.mean()), dtype=np.float32)
    free = 1 - np.maximum(layout.epithelium, layout.void)
    cleft = lookup(rng, stroma.across / np.float32(8), stroma.along / np.float32(45)) + np.float32(0.22) * noise(
        rng, free.shape, 8
    )
    cleft = np.where(free > 0.9, cleft + np.float32(0.5) * stroma.gaps, np.float32(-4))
    level = np.float32(np.quantile(cleft, 1 - lacking))
    return np.maximum(layout.void, step(cleft - level, 0.18) * (free > 0.5))


def _stain_background(
    rng: np.random.Generator, patient: Patient, stroma: Stroma, layout: Layout, void: Plane
) -> tuple[Plane, Plane]:
    """Return hematoxylin and eosin of everything except the nuclei."""
    shape = void.shape
    contrast = np.float32(patient.texture.fiber_contrast)
    mottle = noise(rng, (shape[0], shape[1]), 40)
    grain = np.float32(0.04) * noise(rng, (shape[0], shape[1]), 2.5)
    eosin = np.float32(0.52) + contrast * (stroma.fibers - np.float32(0.5)) + np.float32(0.05) * mottle
    eosin *= (1 - np.float32(0.6) * stroma.gaps) * (1 - np.float32(0.7) * layout.mucin)
    hematoxylin = np.float32(0.10) + np.float32(0.05) * stroma.fibers - np.float32(0.02) * mottle
    hematoxylin *= 1 - np.float32(0.5) * stroma.gaps
    eosin += layout.epithelium * (np.float32(0.42) + grain - eosin)
    hematoxylin += layout.epithelium * (np.float32(0.18) + grain - hematoxylin)
    tissue = 1 - void
    eosin = eosin.clip(0.0) * tissue + np.float32(0.18) * layout.membrane
    return hematoxylin.clip(0.0) * tissue, eosin
