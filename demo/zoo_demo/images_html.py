"""Images embedded in the page, so that nothing is written to disk to show them."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO

from PIL import Image

MAX_SIDE = 1024
"""The longest side of an image on the page, in pixels. A model always gets the whole tile."""


def thumbnail(image: Image.Image) -> Image.Image:
    """Return a copy that is at most MAX_SIDE pixels wide and high."""
    copy = image.copy()
    copy.thumbnail((MAX_SIDE, MAX_SIDE))
    return copy


def data_uri(image: Image.Image) -> str:
    """Return the image as a `data:` URI."""
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=90, subsampling=0)
    return f"data:image/jpeg;base64,{b64encode(buffer.getvalue()).decode()}"
