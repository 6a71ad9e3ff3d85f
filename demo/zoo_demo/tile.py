"""The tile that somebody uploaded."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from zoo.data.formats import FORMATS
from zoo.data.images import read_image
from zoo.errors import DataError

LARGEST = 50_000_000
"""In pixels. A small file can claim to be a huge picture, and a server has many visitors."""
HINT = "a tile is a PNG, JPEG, TIFF, BMP or WebP image"


def read_tile(path: Path) -> Image.Image:
    """Decode a tile; an error names the file but not where the server keeps it."""
    if (pixels := _pixels(path)) > LARGEST:
        raise DataError(f"has {pixels:,} pixels", where=path.name, hint=f"a tile has at most {LARGEST:,}")
    try:
        return read_image(path)
    except DataError as error:
        raise DataError(error.message, where=path.name, hint=error.hint or HINT) from error


def _pixels(path: Path) -> int:
    """What the file claims; 0 where it cannot be read, which `read_image` then explains."""
    try:
        with Image.open(path, formats=FORMATS) as image:
            return image.width * image.height
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return 0
