"""The magnification and the size of the images of a data set."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from zoo.data.images import open_image
from zoo.data.manifest import Sample
from zoo.errors import DataError
from zoo.metrics.scale_change import ImageScale, normalized_magnification

if TYPE_CHECKING:
    from PIL.Image import Image

COLUMN = "magnification"
ORIENTATION, TURNED = 0x0112, (5, 6, 7, 8)
"""The EXIF tag, and its values with which an image is stored on its side."""
OPENED = 100
"""Of how many images, spread evenly over all, the size is read."""


def image_scale(samples: Sequence[Sample]) -> ImageScale:
    """Return the magnifications of images, and the median of their sizes."""
    found = Counter(normalized_magnification(sample.facts[COLUMN]) for sample in samples if sample.facts.get(COLUMN))
    sizes = []
    for index in np.unique(np.linspace(0, len(samples) - 1, min(OPENED, len(samples))).round().astype(int)):
        with suppress(DataError), open_image(samples[index].path) as image:
            sizes.append(image.size[::-1] if _is_on_its_side(image) else image.size)
    width, height = np.median(sizes, axis=0).astype(int).tolist() if sizes else (None, None)
    return ImageScale(
        magnifications={name: found[name] for name in sorted(found, key=_by_number)},
        width=width,
        height=height,
        unstated=(len(samples) - found.total() or None) if found else None,
    )


def _is_on_its_side(image: Image) -> bool:
    """Return whether the size of an image that has been opened, but not decoded, is that before it is turned."""
    if image.format == "TIFF":
        return False  # Pillow says the size after turning
    if image.format == "PNG" and "exif" not in image.info:
        return False  # Pillow would decode the image to look behind its pixels, where nearly no file has the tag
    return image.getexif().get(ORIENTATION) in TURNED


def _by_number(text: str) -> tuple[float, str]:
    """Return the key by which magnifications are sorted: numbers by size, and other text after them."""
    with suppress(ValueError):
        return float(text), ""
    return math.inf, text
