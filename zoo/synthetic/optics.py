"""From dyes to a photograph: Beer-Lambert absorption, focus, illumination and sensor noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from zoo.synthetic.noise import Plane, grid
from zoo.synthetic.patients import Patient

SENSOR_NOISE = 2.2  # standard deviation in gray levels


def photograph(rng: np.random.Generator, patient: Patient, hematoxylin: Plane, eosin: Plane) -> NDArray[np.uint8]:
    """Return the image that a camera takes of the stained tile."""
    stain = patient.stain
    height, width = hematoxylin.shape
    dyes = np.stack(
        [hematoxylin * np.float32(stain.hematoxylin_strength), eosin * np.float32(stain.eosin_strength)],
        axis=-1,
    )
    vectors = np.array([stain.hematoxylin, stain.eosin], dtype=np.float32)
    light = np.exp(dyes @ -vectors) * np.asarray(stain.background, dtype=np.float32)
    y, x = grid((height, width))
    cy, cx = rng.uniform(0.3, 0.7) * height, rng.uniform(0.3, 0.7) * width
    away = ((y - np.float32(cy)) ** 2 + (x - np.float32(cx)) ** 2) / np.float32(height**2 + width**2)
    light *= (1 - np.float32(4 * stain.shading) * away * np.float32(0.5))[..., None]
    sharp = Image.fromarray((light * 255).clip(0, 255).astype(np.uint8))
    soft = np.asarray(sharp.filter(ImageFilter.GaussianBlur(patient.texture.blur)), dtype=np.float32)
    grain = rng.standard_normal((height, width, 3), dtype=np.float32) * np.float32(SENSOR_NOISE)
    return np.asarray((soft + grain + np.float32(0.5)).clip(0, 255), dtype=np.uint8)
