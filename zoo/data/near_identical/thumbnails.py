"""Small gray copies of images, which are compared under the eight symmetries of the square."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE = 16
"""The side of a thumbnail in pixels: small enough that compression hardly changes it."""
Thumbnails = NDArray[np.uint8]
"""An array of images x SIDE x SIDE."""
Floats = NDArray[np.float32]


def thumbnail(image: Image) -> Thumbnails:
    """Return a small gray copy of an image.

    The filter covers several pixels, since a copy of another size would differ with a sharper one; the color is left
    out, since JPEG stores it in less detail.
    """
    from PIL import Image as Pillow

    return np.asarray(image.convert("L").resize((SIDE, SIDE), Pillow.Resampling.BILINEAR))


def symmetries(images: Floats) -> Iterator[Floats]:
    """Yield the images under each of the eight symmetries of the square."""
    for turned in (images, images.swapaxes(1, 2)):
        yield turned
        yield turned[:, ::-1]
        yield turned[:, :, ::-1]
        yield turned[:, ::-1, ::-1]
