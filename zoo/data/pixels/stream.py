"""Images decoded from their files each time, if the disk has no space for a store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from zoo.data.images import DIGEST, pixel_digest, pixels, read_image
from zoo.data.manifest import Sample
from zoo.data.pixels.hashed_images import ChangedImageError, HashedImages
from zoo.errors import DataError
from zoo.parallel import map_ordered
from zoo.progress import Reporter
from zoo.spec import Preprocessing

if TYPE_CHECKING:
    from PIL.Image import Image


class Stream:
    """Images of one size, by index, decoded each time they are read; one that has changed is an error."""

    def __init__(self, images: HashedImages, preprocessing: Preprocessing, progress: Reporter) -> None:
        self._images, self._preprocessing = images, preprocessing
        self.contents, self.unreadable = _check(len(images), images.read, progress)

    def __len__(self) -> int:
        return len(self._images)

    def read(self, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        """Decode the images with these indices, as N x height x width x 3 of 8-bit values."""
        shape = (self._preprocessing.height, self._preprocessing.width, 3)
        batch = np.empty((len(indices), *shape), dtype=np.uint8)
        for position, image in enumerate(map_ordered(len(indices), lambda n: self._decode(int(indices[n])))):
            batch[position] = image
        return batch

    def _decode(self, index: int) -> np.ndarray:
        """Return one decoded image."""
        return pixels(self._images.read(index), self._preprocessing)


def find_unreadable(samples: Sequence[Sample], progress: Reporter) -> dict[int, str]:
    """Decode every image once; return the index of each that cannot be decoded, with the reason."""
    return _check(len(samples), lambda index: read_image(samples[index].path), progress)[1]


def _check(count: int, read: Callable[[int], Image], progress: Reporter) -> tuple[tuple[bytes, ...], dict[int, str]]:
    """Decode every image once; return a hash of the pixels of each, and why images cannot be decoded, by index."""

    def check(index: int) -> tuple[bytes, str | None]:
        try:
            return pixel_digest(read(index)), None
        except ChangedImageError:
            raise
        except DataError as error:
            return bytes(DIGEST), error.message

    contents, unreadable = [], {}
    with progress.track("checking images", count, "images") as task:
        for index, (digest, reason) in enumerate(map_ordered(count, check)):
            contents.append(digest)
            if reason is not None:
                unreadable[index] = reason
            task.advance()
    return tuple(contents), unreadable
