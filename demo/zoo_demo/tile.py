"""The tile that somebody uploaded."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from zoo.data.images import opened, rgb
from zoo.errors import DataError

LARGEST = 50_000_000
"""In pixels. A small file can claim to be a huge picture, and a server has many visitors."""
HINT = "a tile is a PNG, JPEG, TIFF, BMP or WebP image"


def read_tile(path: Path) -> Image.Image:
    """Decode a tile; an error names the file but not where the server keeps it."""
    try:
        with opened(path) as image:
            if (pixels := image.width * image.height) > LARGEST:
                raise DataError(f"has {pixels:,} pixels", hint=f"a tile has at most {LARGEST:,}")
            return rgb(image)
    except DataError as error:
        raise DataError(error.message, where=path.name, hint=error.hint or HINT) from error
