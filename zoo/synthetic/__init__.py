"""The synthetic sample: tiles that look like H&E-stained tissue, drawn by a program.

`patients` invents patients with their own stain and texture; `glands` and `nests` lay out benign and malignant tissue,
which `cells`, `stroma` and `optics` turn into an image.
"""

from __future__ import annotations

from zoo.synthetic.patients import Patient, Stain, Texture, patients
from zoo.synthetic.tile import TILE_SIZE, draw_tile

__all__ = ["TILE_SIZE", "Patient", "Stain", "Texture", "draw_tile", "patients"]
