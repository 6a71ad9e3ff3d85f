"""The store: every image decoded once and resized, as rows of bytes in one file in the cache.

Rows are read with `pread`, since the pages of a memory map would count as memory of this process: 100,000 images need
no more memory than 1,000. The checksum of a row is compared when the row is first read.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence
from contextlib import suppress

import numpy as np

from zoo.data.images import pixels, read_image
from zoo.data.manifest import Sample
from zoo.data.pixels.decoded_store_files import PIXELS, StoreFiles, bytes_of, open_or_build
from zoo.data.pixels.hashed_images import HashedImages
from zoo.errors import DataError
from zoo.progress import Reporter
from zoo.spec import Preprocessing


class Store:
    """Images of one size, by index, read from the files of a store."""

    def __init__(
        self, files: StoreFiles, samples: Sequence[Sample], preprocessing: Preprocessing, progress: Reporter
    ) -> None:
        self.shape = (preprocessing.height, preprocessing.width, 3)
        self.unreadable, self.contents = files.unreadable, files.contents
        self._row = bytes_of(preprocessing)
        self._folder, self._checksums = files.folder, files.checksums
        self._samples, self._preprocessing, self._progress = samples, preprocessing, progress
        self._checked = np.zeros(len(samples), dtype=bool)
        self._repaired = 0
        self._file = files.pixels

    def __len__(self) -> int:
        return len(self._samples)

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            os.close(self._file)

    def read(self, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        """Return the images with these indices as N x height x width x 3 of 8-bit values."""
        batch = np.empty((len(indices), *self.shape), dtype=np.uint8)
        for position, index in enumerate(indices):
            row = batch[position].reshape(-1)
            length = os.preadv(self._file, [row.data], int(index) * self._row)
            if not self._checked[index]:
                if length != self._row or zlib.crc32(row.data) != self._checksums[index]:
                    self._repair(int(index), row)
                self._checked[index] = True
        return batch

    def _repair(self, index: int, row: np.ndarray) -> None:
        """Decode the image of a damaged row again."""
        path = self._samples[index].path
        if not self._repaired:
            self._progress.say(
                f"the store {self._folder.name} is damaged: {path} and other damaged images are decoded again"
            )
        self._repaired += 1
        row[:] = pixels(read_image(path), self._preprocessing).reshape(-1)
        if zlib.crc32(row.data) != self._checksums[index]:
            raise DataError("has changed since training started", where=str(path))
        with suppress(OSError), (self._folder / PIXELS).open("r+b") as file:  # the row in memory is already right
            file.seek(index * self._row)
            file.write(row.data)


def open_store(images: HashedImages, preprocessing: Preprocessing, progress: Reporter) -> Store:
    """Return the store of these images at this size; build it if it is not in the cache."""
    return Store(open_or_build(images, preprocessing, progress), images.samples, preprocessing, progress)
