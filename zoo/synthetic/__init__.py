"""H&E-like tissue drawn by code: the built-in synthetic sample.

Nothing here is real tissue. Patients with their own stain and habit (`cohort`), the architecture of
benign glands or of malignant nests (`layout`), cells (`cells`), stroma (`field`), light (`optics`).
"""

from __future__ import annotations

from zoo.synthetic.patients import Patient, Stain, Texture, patients
from zoo.synthetic.tile import TILE_SIZE, draw_tile

__all__ = ["TILE_SIZE", "Patient", "Stain", "Texture", "draw_tile", "patients"]
