"""Images from files, arrays and PIL as 8-bit RGB, resized to the input size of a network."""

from __future__ import annotations

import hashlib
import io
import stat
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from zoo.errors import DataError
from zoo.spec import Preprocessing

if TYPE_CHECKING:
    from PIL.Image import Image

ImageLike: TypeAlias = "str | Path | Image | np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]"
"""One image: a path, a PIL image, or an array of height x width x 3 with 8 bits."""
ImageBatch: TypeAlias = "Sequence[ImageLike] | np.ndarray[tuple[int, int, int, int], np.dtype[np.uint8]]"
"""Several images: a sequence of them, or one array of number x height x width x 3."""
FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP", "GIF")
BITS_PER_SAMPLE = 258
"""The tag of a TIFF file."""
DIGEST = 16
"""The number of bytes of a hash of an image's pixels."""
MAX_PIXELS = 89_478_485
"""The number of pixels above which Pillow warns, such as 9,459 x 9,459.

A larger image is refused before it is decoded, as it may be a decompression bomb.
"""
MOST_READ_AGAIN = 2**28
"""The size in bytes of the largest TIFF that is read a second time, whole, to tell a failing disk from damage."""


def read_image(path: Path) -> Image:
    """Decode a file completely and return it as 8-bit RGB; errors name the path."""
    return read_first_page(path)[0]


def read_first_page(path: Path) -> tuple[Image, bool]:
    """Decode a file as `read_image` does, and return whether it has more pages or frames, which are not read."""
    from PIL import Image

    with open_image(path) as image:
        try:
            return rgb(image, where=str(path)), has_more_pages(image)
        except OSError as error:
            if image.format != "TIFF" or error.errno is not None or path.stat().st_size > MOST_READ_AGAIN:
                raise
        # libtiff reads the file itself, and does not say whether the content or the disk is at fault: Python does
        with Image.open(io.BytesIO(path.read_bytes()), formats=("TIFF",)) as copy:
            return rgb(copy, where=str(path)), has_more_pages(copy)


@contextmanager
def open_image(path: Path, *, max_pixels: int | None = None) -> Iterator[Image]:
    """Open an image file by its content, not its name; errors in the block are raised as DataError with the path.

    Args:
        path: The file.
        max_pixels: An image with more is refused before it is decoded; by default MAX_PIXELS.
    """
    from PIL import Image, UnidentifiedImageError

    most = MAX_PIXELS if max_pixels is None else max_pixels
    try:
        if not stat.S_ISREG(mode := path.stat().st_mode) and not stat.S_ISDIR(mode):
            raise DataError("is a pipe or a device, not a file", where=str(path))  # reading it might never end
        with path.open("rb") as file, Image.open(file, formats=FORMATS) as image:
            if image.width * image.height > most:
                size = f"{image.width}x{image.height}"
                raise DataError(f"has {size} pixels, too many to decode: at most {most:,}", where=str(path))
            yield image
    except UnidentifiedImageError as error:
        raise DataError(
            "is not an image of a known format", where=str(path), hint=f"known formats: {', '.join(FORMATS)}"
        ) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        reason = f"may be a decompression bomb: at most {most:,} pixels are decoded"
        raise DataError(reason, where=str(path)) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise DataError(f"cannot be read: {getattr(error, 'strerror', None) or error}", where=str(path)) from error


def has_more_pages(image: Image) -> bool:
    """Return whether an opened file has a second page or frame that is not damaged, without a search for all others.

    Decode the first one before: the image is at another page afterwards.
    """
    try:
        image.seek(1)
    except (OSError, EOFError, SyntaxError, LookupError, TypeError, ValueError, struct.error):  # Pillow reads on
        return False
    return True


def rgb(image: Image, *, where: str | None = None) -> Image:
    """Return an image as 8-bit RGB, rotated by its EXIF data; transparent pixels become white, like empty glass."""
    from PIL import Image, ImageOps

    file_format, mode = image.format, image.mode  # the transposed image has no format
    deep, transparent = _is_deep_tiff(image), _deep_transparent_color(image)
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I;16") and file_format in (None, "PNG"):
        # PNG defines black and white for 16 bits; other formats do not
        values = np.asarray(image)
        image = Image.fromarray(np.where(values == image.info.get("transparency"), 255, values >> 8).astype(np.uint8))
    elif transparent:
        image.info["transparency"] = transparent
    if image.mode in ("I", "F") or image.mode.startswith("I;") or deep:
        raise DataError(
            f"has more than 8 bits per channel (mode {mode}), and its values for black and white are unknown",
            where=where,
            hint="convert it to 8 bits first",
        )
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("RGB")


def _is_deep_tiff(image: Image) -> bool:
    """Return whether a TIFF image has more than 8 bits per channel; in color, Pillow drops all but the upper 8."""
    tags = getattr(image, "tag_v2", {}) if image.format == "TIFF" else {}
    return max(tags.get(BITS_PER_SAMPLE, (1,)), default=1) > 8


def _deep_transparent_color(image: Image) -> tuple[int, ...] | None:
    """Return the upper 8 bits of the transparent color of a color PNG with 16 bits, or None.

    Pillow drops the lower ones, so that colors which differ in these alone become transparent too.
    """
    color = image.info.get("transparency") if image.format == "PNG" and image.mode == "RGB" else None
    if not isinstance(color, tuple):
        return None
    tiles = getattr(image, "tile", ())  # none after decoding
    deep = max(color) > 255 or any(str(tile.args).endswith(";16B") for tile in tiles)
    return tuple(value >> 8 for value in color) if deep else None


def as_image(image: ImageLike) -> Image:
    """Return a path, a PIL image or an array (height x width x 3, 8 bits) as an RGB image."""
    from PIL import Image

    if isinstance(image, str | Path):
        return read_image(Path(image))
    if isinstance(image, Image.Image):
        try:
            return rgb(image)  # which decodes an image that was only opened
        except (OSError, SyntaxError, ValueError) as error:
            raise DataError(f"an image cannot be read: {error}") from error
    array = np.asarray(image)
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3 or not array.size:
        raise DataError(
            f"an array must be height x width x 3 of 8-bit values, not {array.shape} of {array.dtype}",
            hint="for preprocessed tensors, call the model itself: model(batch)",
        )
    return Image.fromarray(array)


def as_list(images: ImageLike | ImageBatch) -> tuple[list[ImageLike], bool]:
    """Return images as a list, and whether several were given."""
    if isinstance(images, np.ndarray):
        array: NDArray[np.uint8] = images
        return (list(array), True) if array.ndim == 4 else ([array], False)
    if isinstance(images, Sequence) and not isinstance(images, str):
        return list(images), True
    return [images], False


def pixel_digest(image: Image) -> bytes:
    """Return a hash of the size and the pixels of an RGB image: the same for two files that show the same."""
    return hashlib.blake2b(f"{image.size}".encode() + image.tobytes(), digest_size=DIGEST).digest()


def pixels(image: Image, preprocessing: Preprocessing) -> np.ndarray:
    """Return an image at the size that a network expects, as height x width x 3 of 8-bit values."""
    from PIL import Image

    resampling = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}[
        preprocessing.interpolation
    ]
    size = preprocessing.width, preprocessing.height
    return np.asarray(image.resize(size, resampling, box=visible_box(image.size, preprocessing)))


def visible_box(size: tuple[int, int], preprocessing: Preprocessing) -> tuple[float, float, float, float]:
    """Return the part of an image that a network gets to see: left, top, right and bottom in pixels of the image.

    Args:
        size: Width and height of the image.
        preprocessing: How the image is resized. With `fit="crop"`, this is the largest part in its center that has the
            network's aspect ratio; otherwise it is the whole image. Of either, `crop_pct` of the sides is kept.
    """
    width, height = size
    scales = preprocessing.width / width, preprocessing.height / height
    across, down = (max(scales), max(scales)) if preprocessing.fit == "crop" else scales
    kept = preprocessing.crop_pct
    left = max(0, (width - kept * preprocessing.width / across) / 2)  # rounding can make it negative: Pillow refuses
    top = max(0, (height - kept * preprocessing.height / down) / 2)
    return (left, top, width - left, height - top)
