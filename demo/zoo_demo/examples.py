"""Tiles to try the page with, drawn when it starts."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from zoo.synthetic import draw_tile, patients

SEED = 7860
"""Not the sample's own seed: no model has seen these patients."""


@dataclass(frozen=True, kw_only=True)
class Example:
    """One tile that a program drew."""

    name: str
    picture: Image.Image


def draw_examples() -> tuple[Example, ...]:
    """One tile of each class, of somebody who does not exist."""
    made_up = {patient.malignant: patient for patient in reversed(patients(SEED))}
    return tuple(
        Example(name=name, picture=Image.fromarray(draw_tile(made_up[malignant], 0, seed=SEED)))
        for name, malignant in (("benign", False), ("malignant", True))
    )
