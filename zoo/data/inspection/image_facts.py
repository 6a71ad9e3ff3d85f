"""What one file shows when it is opened."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zoo.data.images import opened, rgb
from zoo.data.optical_density import densities
from zoo.errors import DataError

THUMBNAIL = 64
"""Side of the small copy that the stain is measured on."""


@dataclass(frozen=True, kw_only=True)
class ImageFacts:
    """One image's facts, or why there are none."""

    error: str | None = None
    format: str = ""
    mode: str = ""
    width: int = 0
    height: int = 0
    frames: int = 1
    """More than one: an animation or a stack, of which the first is read."""
    pixels: str = ""
    """A hash of the decoded picture, the same for two files that show the same."""
    stain: tuple[float, float] = (0.0, 0.0)
    """Mean optical density of haematoxylin and of eosin."""


def read_image_facts(path: Path) -> ImageFacts:
    """Open one file and take its facts."""
    try:
        with opened(path) as image:
            kind, mode, frames = image.format or "", image.mode, getattr(image, "n_frames", 1)
            picture = rgb(image, where=str(path))
    except DataError as error:
        return ImageFacts(error=error.message)
    digest = hashlib.sha256(f"{picture.size}".encode() + picture.tobytes()).hexdigest()
    small = np.asarray(picture.resize((THUMBNAIL, THUMBNAIL)), dtype=np.float64) / 255
    haematoxylin, eosin = densities(small).reshape(-1, 3).mean(axis=0)[:2]
    return ImageFacts(
        format=kind,
        mode=mode,
        width=picture.width,
        height=picture.height,
        frames=frames,
        pixels=digest,
        stain=(float(haematoxylin), float(eosin)),
    )
