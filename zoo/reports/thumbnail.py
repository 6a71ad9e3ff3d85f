"""Small pictures that a report holds in itself."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import TYPE_CHECKING

from zoo.data.images import read_image
from zoo.errors import ZooError

if TYPE_CHECKING:
    from PIL.Image import Image

LONGEST_SIDE = 240
"""Of a picture in a report, in pixels."""


def thumbnail(image: Image) -> str:
    """Return a small copy of an image as a URI that holds it."""
    small = image.copy()
    small.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=85)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def image_thumbnail(path: Path) -> str | None:
    """Return a small copy of the image in a file, or None if it cannot be read."""
    try:
        return thumbnail(read_image(path))
    except (ZooError, OSError):
        return None
