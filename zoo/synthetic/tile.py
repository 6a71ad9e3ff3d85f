"""One tile, from stroma to photograph."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from zoo.synthetic.cells import draw_cells, gather
from zoo.synthetic.colour_balance import evened
from zoo.synthetic.glands import benign
from zoo.synthetic.layout import Plan
from zoo.synthetic.nests import malignant
from zoo.synthetic.noise import Plane, Shape, lookup, noise, step
from zoo.synthetic.optics import photograph
from zoo.synthetic.patients import Patient
from zoo.synthetic.stroma import Stroma, spindle_nuclei, weave

TILE_SIZE = (230, 350)


def draw_tile(patient: Patient, index: int, *, seed: int, size: Shape = TILE_SIZE) -> NDArray[np.uint8]:
    """Draw tile `index` of a patient, height x width x RGB; a larger `size` shows more tissue."""
    rng = np.random.default_rng((seed, patient.number, index))
    stroma = weave(rng, patient.texture, size, disorder=1.0 if patient.malignant else 0.0)
    plan = malignant(rng, patient, size, stroma) if patient.malignant else benign(rng, patient, size)
    void = _torn(rng, stroma, plan, target=rng.uniform(0.07, 0.15))
    hematoxylin, eosin = _ground(rng, patient, stroma, plan, void)
    stromal = spindle_nuclei(rng, patient.texture, stroma, 1 - np.maximum(plan.epithelium, void))
    draw_cells(rng, gather([stromal, plan.cells]), hematoxylin, eosin, tissue=1 - void)
    return photograph(rng, patient, *evened(rng, hematoxylin, eosin))


def _torn(rng: np.random.Generator, stroma: Stroma, plan: Plan, *, target: float) -> Plane:
    """Tear clefts along the fibres, until a `target` share of the tile is white.

    Where lumens alone are more than that, they hold some secretion instead: the share of white must
    not depend on the class.
    """
    lacking = target - float(plan.void.mean())
    if lacking <= 0:
        return np.asarray(plan.void * np.float32(target / plan.void.mean()), dtype=np.float32)
    free = 1 - np.maximum(plan.epithelium, plan.void)
    cleft = lookup(rng, stroma.across / np.float32(8), stroma.along / np.float32(45)) + np.float32(0.22) * noise(
        rng, free.shape, 8
    )
    cleft = np.where(free > 0.9, cleft + np.float32(0.5) * stroma.gaps, np.float32(-4))
    level = np.float32(np.quantile(cleft, 1 - lacking))
    return np.maximum(plan.void, step(cleft - level, 0.18) * (free > 0.5))


def _ground(rng: np.random.Generator, patient: Patient, stroma: Stroma, plan: Plan, void: Plane) -> tuple[Plane, Plane]:
    """Hematoxylin and eosin of everything but the nuclei."""
    shape = void.shape
    contrast = np.float32(patient.texture.fibre_contrast)
    mottle = noise(rng, (shape[0], shape[1]), 40)
    grain = np.float32(0.04) * noise(rng, (shape[0], shape[1]), 2.5)
    eosin = np.float32(0.52) + contrast * (stroma.fibres - np.float32(0.5)) + np.float32(0.05) * mottle
    eosin *= (1 - np.float32(0.6) * stroma.gaps) * (1 - np.float32(0.7) * plan.mucin)
    hematoxylin = np.float32(0.10) + np.float32(0.05) * stroma.fibres - np.float32(0.02) * mottle
    hematoxylin *= 1 - np.float32(0.5) * stroma.gaps
    eosin += plan.epithelium * (np.float32(0.42) + grain - eosin)
    hematoxylin += plan.epithelium * (np.float32(0.18) + grain - hematoxylin)
    tissue = 1 - void
    eosin = eosin.clip(0.0) * tissue + np.float32(0.18) * plan.membrane
    return hematoxylin.clip(0.0) * tissue, eosin
