"""Decode once: every image at the network's size, as rows of bytes in one file of the cache.

Rows are read with `pread` and not through a memory map, whose pages would count as this process's memory: so a hundred
thousand images take no more of it than a thousand. A row's checksum is compared when the row is first read.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import zlib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from filelock import FileLock

from zoo.data.cache import cache_folder
from zoo.data.images import pixels, read_image
from zoo.data.manifest import Sample
from zoo.data.parallel import each
from zoo.errors import DataError
from zoo.files import write_json
from zoo.progress import Watcher
from zoo.spec import Preprocessing

FORMAT = 1
"""Raised whenever decoding or resizing changes, so that rows of an older zoo are not taken for ours."""
PIXELS, CHECKSUMS, ABOUT = "pixels.bin", "checksums.npy", "about.json"


class Store:
    """Images of one size, by index."""

    def __init__(self, folder: Path, samples: Sequence[Sample], preprocessing: Preprocessing, watch: Watcher) -> None:
        self.folder = folder
        self.shape = (preprocessing.height, preprocessing.width, 3)
        self._row = int(np.prod(self.shape))
        self._samples, self._preprocessing, self._watch = samples, preprocessing, watch
        self._checksums = np.load(folder / CHECKSUMS)
        self._checked = np.zeros(len(samples), dtype=bool)
        self._file = os.open(folder / PIXELS, os.O_RDONLY)
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        self.unreadable = {int(index): reason for index, reason in about["unreadable"].items()}

    def __len__(self) -> int:
        return len(self._samples)

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            os.close(self._file)

    def read(self, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        """Rows as N x height x width x 3 of 8-bit values."""
        batch = np.empty((len(indices), *self.shape), dtype=np.uint8)
        for place, index in enumerate(indices):
            row = batch[place].reshape(-1)
            got = os.preadv(self._file, [row.data], int(index) * self._row)
            if not self._checked[index]:
                if got != self._row or zlib.crc32(row.data) != self._checksums[index]:
                    self._mend(int(index), row)
                self._checked[index] = True
        return batch

    def _mend(self, index: int, row: np.ndarray) -> None:
        """Take a damaged row from its file again."""
        path = self._samples[index].path
        self._watch.say(f"the store {self.folder.name} is damaged: {path} is decoded again")
        row[:] = pixels(read_image(path), self._preprocessing).reshape(-1)
        if zlib.crc32(row.data) != self._checksums[index]:
            raise DataError("has changed since training began", where=str(path))
        with (self.folder / PIXELS).open("r+b") as file:
            file.seek(index * self._row)
            file.write(row.data)


def stores_folder() -> Path:
    """Where all stores lie."""
    return cache_folder() / "stores"


def open_store(
    samples: Sequence[Sample], digests: Sequence[str | None], preprocessing: Preprocessing, watch: Watcher
) -> Store:
    """The store of these images at this size, built if the cache does not hold it. Another process waits for us."""
    folder = stores_folder() / _key(digests, preprocessing)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if folder.is_dir() and (fault := _fault(folder, len(samples), preprocessing)):
            watch.say(f"the store {folder.name} is damaged ({fault}): it is built again")
            shutil.rmtree(folder)
        if not folder.is_dir():
            _build(folder, samples, preprocessing, watch)
    os.utime(folder)  # when it was last used
    return Store(folder, samples, preprocessing, watch)


def _key(digests: Sequence[str | None], preprocessing: Preprocessing) -> str:
    """The content of every image in order, and how it is brought to size. Mean and deviation play no part."""
    seen = asdict(preprocessing)
    how = {name: seen[name] for name in ("height", "width", "interpolation", "fit")}
    text = json.dumps([FORMAT, how, list(digests)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def _fault(folder: Path, count: int, preprocessing: Preprocessing) -> str | None:
    """What is wrong with a store as a whole, without reading its rows."""
    size = count * preprocessing.height * preprocessing.width * 3
    try:
        json.loads((folder / ABOUT).read_text(encoding="utf-8"))["unreadable"]
        if len(np.load(folder / CHECKSUMS)) != count:
            return "checksums are missing"
        if (folder / PIXELS).stat().st_size != size:
            return "pixels are missing"
    except (OSError, ValueError, KeyError, EOFError) as error:
        return str(error)
    return None


def _build(folder: Path, samples: Sequence[Sample], preprocessing: Preprocessing, watch: Watcher) -> None:
    """Decode everything beside the final place; what an interrupted build left is swept away."""
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    row = preprocessing.height * preprocessing.width * 3
    checksums = np.zeros(len(samples), dtype=np.uint32)
    unreadable: dict[int, str] = {}
    try:
        with (part / PIXELS).open("wb") as file:
            file.truncate(len(samples) * row)

            def decode(index: int) -> None:
                try:
                    data = pixels(read_image(samples[index].path), preprocessing).tobytes()
                except DataError as error:
                    unreadable[index] = error.message
                    data = bytes(row)
                checksums[index] = zlib.crc32(data)
                os.pwrite(file.fileno(), data, index * row)

            with watch.track("decoding images once", len(samples), "images") as task:
                for _ in each(len(samples), decode):
                    task.advance()
            os.fsync(file.fileno())
        np.save(part / CHECKSUMS, checksums)
        about = {**asdict(preprocessing), "images": len(samples), "bytes": len(samples) * row}
        write_json(
            part / ABOUT, {**about, "unreadable": {str(index): unreadable[index] for index in sorted(unreadable)}}
        )
        part.rename(folder)
    except OSError as error:
        raise DataError(
            f"the store of decoded images ({len(samples) * row / 1e6:,.0f} MB) cannot be written: {error.strerror}",
            where=str(folder.parent),
            hint="make room, set ZOO_CACHE to another place, or read from the files with --no-store",
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
