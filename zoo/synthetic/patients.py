"""The patients of the synthetic sample: thirty invented patients with their stain and tissue texture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

RGB = tuple[float, float, float]

# About a third of BreakHis' patients, in its proportions of class and subtype.
SUBTYPES = {
    False: ("A", "A", "F", "F", "F", "F", "PT", "TA", "TA", "TA"),
    True: ("DC",) * 13 + ("LC",) * 2 + ("MC",) * 3 + ("PC",) * 2,
}
BATCHES = 10
FEWEST_TILES, MOST_TILES = 8, 16


@dataclass(frozen=True, kw_only=True)
class Stain:
    """The staining and illumination of a slide: optical density of both dyes, background, shading."""

    hematoxylin: RGB
    eosin: RGB
    hematoxylin_strength: float
    eosin_strength: float
    background: RGB
    shading: float


@dataclass(frozen=True, kw_only=True)
class Texture:
    """The properties of a patient's tissue that do not depend on the class. Lengths are in pixels."""

    fiber_width: float
    fiber_contrast: float
    fiber_waviness: float
    loose: float
    stromal_nuclei: float
    chromatin: float
    nucleus_scale: float
    blur: float


@dataclass(frozen=True, kw_only=True)
class Patient:
    """One invented patient with one slide, one class and `tiles` tiles."""

    number: int
    malignant: bool
    subtype: str
    slide: str
    tiles: int
    stain: Stain
    texture: Texture


def patients(seed: int) -> tuple[Patient, ...]:
    """Return the patients of a seed, 10 benign and 20 malignant, in the order of their numbers.

    Slides are stained in batches. Every batch has one benign and two malignant patients, so that the stain does not
    depend on the class.
    """
    rng = np.random.default_rng((seed, 0))
    batches = [_stain(rng) for _ in range(BATCHES)]
    slides = rng.choice(np.arange(400, 30_000), size=sum(map(len, SUBTYPES.values())), replace=False)
    invented: list[Patient] = []
    for malignant, subtypes in SUBTYPES.items():
        order = np.resize(rng.permutation(BATCHES), len(subtypes))
        for subtype, batch in zip(subtypes, order, strict=True):
            number = len(invented) + 1
            invented.append(
                Patient(
                    number=number,
                    malignant=malignant,
                    subtype=subtype,
                    slide=f"14-{slides[number - 1]}",
                    tiles=int(rng.integers(FEWEST_TILES, MOST_TILES + 1)),
                    stain=_vary_stain(rng, batches[batch]),
                    texture=_texture(rng),
                )
            )
    return tuple(invented)


def _stain(rng: np.random.Generator) -> Stain:
    """Return the random stain of a batch."""
    warmth = float(rng.normal(0, 0.02))
    return Stain(
        hematoxylin=_unit(rng, (0.64, 0.70, 0.30), 0.05),
        eosin=_unit(rng, (0.13, 0.92, 0.36), 0.06),
        hematoxylin_strength=float(rng.uniform(0.8, 1.35)),
        eosin_strength=float(rng.uniform(0.65, 1.4)),
        background=(0.95 + warmth, 0.945, 0.945 - warmth),
        shading=float(rng.uniform(0.02, 0.09)),
    )


def _vary_stain(rng: np.random.Generator, stain: Stain) -> Stain:
    """Return a batch's stain for one slide: the dyes are nearly the same, their strengths vary slightly."""
    return Stain(
        hematoxylin=_unit(rng, stain.hematoxylin, 0.01),
        eosin=_unit(rng, stain.eosin, 0.01),
        hematoxylin_strength=stain.hematoxylin_strength * float(rng.uniform(0.92, 1.08)),
        eosin_strength=stain.eosin_strength * float(rng.uniform(0.92, 1.08)),
        background=stain.background,
        shading=stain.shading,
    )


def _unit(rng: np.random.Generator, dye: RGB, spread: float) -> RGB:
    """Return a dye with a random change, normalized to length 1."""
    moved = np.maximum(np.asarray(dye) + rng.normal(0, spread, 3), 0.02)
    red, green, blue = moved / np.linalg.norm(moved)
    return float(red), float(green), float(blue)


def _texture(rng: np.random.Generator) -> Texture:
    """Return the random texture of a patient's tissue."""
    return Texture(
        fiber_width=float(rng.uniform(4.0, 8.0)),
        fiber_contrast=float(rng.uniform(0.3, 0.55)),
        fiber_waviness=float(rng.uniform(0.5, 1.2)),
        loose=float(rng.uniform(0.1, 0.7)),
        stromal_nuclei=float(rng.uniform(18, 45)),
        chromatin=float(rng.uniform(0.7, 1.3)),
        nucleus_scale=float(rng.uniform(0.92, 1.08)),
        blur=float(rng.uniform(0.45, 0.9)),
    )
