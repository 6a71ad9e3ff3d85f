"""Stores as they lie in the cache: whole or not at all, built by one process at a time, damage noticed."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from zoo.data.cache import stores_folder
from zoo.data.images import pixels, read_image
from zoo.data.manifest import Sample
from zoo.errors import DataError
from zoo.files import atomic_folder, write_json
from zoo.locks import locked_in_turn
from zoo.parallel import map_ordered
from zoo.progress import Reporter
from zoo.spec import Preprocessing

FORMAT = 2
"""Raised whenever decoding or resizing changes, so that rows of an older zoo are not taken for ours."""
PIXELS, CHECKSUMS, ABOUT = "pixels.bin", "checksums.npy", "about.json"
WAITING = "another process is decoding the same images: waiting for it"


@dataclass(frozen=True, kw_only=True)
class StoreFiles:
    """One store as it lies there, without its pixels."""

    folder: Path
    checksums: np.ndarray
    unreadable: dict[int, str]


def bytes_of(preprocessing: Preprocessing) -> int:
    """The length of one image's row."""
    return preprocessing.height * preprocessing.width * 3


def open_or_build(
    samples: Sequence[Sample], contents: Sequence[bytes | None], preprocessing: Preprocessing, progress: Reporter
) -> StoreFiles:
    """These images at this size, built if the cache does not hold them; what another process builds is waited for."""
    size = len(samples) * bytes_of(preprocessing)
    folder = stores_folder() / _key(contents, preprocessing)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with locked_in_turn(folder.with_name(f"{folder.name}.lock"), waiting=lambda: progress.say(WAITING)):
            if folder.is_dir():
                try:
                    return _opened(folder, size)
                except ValueError as error:
                    progress.say(f"the store {folder.name} is damaged ({error}): it is built again")
                    shutil.rmtree(folder)
            _build(folder, samples, preprocessing, progress)
            return _opened(folder, size)
    except OSError as error:
        raise DataError(
            f"the store of decoded images ({size / 1e6:,.0f} MB) cannot be written: {error.strerror or error}",
            where=str(folder.parent),
            hint="make room, set ZOO_CACHE to another place, or read from the files with --no-store",
        ) from error


def _key(contents: Sequence[bytes | None], preprocessing: Preprocessing) -> str:
    """The content of every image in order, and how it is brought to size. Mean and deviation play no part."""
    from PIL import __version__ as decoder

    seen = asdict(preprocessing)
    how = {name: seen[name] for name in ("height", "width", "interpolation", "fit")}
    digest = hashlib.sha256(json.dumps([FORMAT, decoder, how], sort_keys=True).encode())
    for content in contents:
        digest.update(content or bytes(digest.digest_size))
    return digest.hexdigest()[:20]


def _opened(folder: Path, size: int) -> StoreFiles:
    """Look at a store as a whole, its rows when they are read; a ValueError says what is wrong with it."""
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        if about.pop("sha256") != _sum(about):
            raise ValueError(f"{ABOUT} has changed")
        if zlib.crc32((folder / CHECKSUMS).read_bytes()) != about["checksums"]:
            raise ValueError(f"{CHECKSUMS} has changed")
        checksums = np.load(folder / CHECKSUMS)
        if (folder / PIXELS).stat().st_size != size:
            raise ValueError(f"{PIXELS} is cut off")
    except FileNotFoundError as error:
        raise ValueError(f"{Path(error.filename).name} is missing") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{ABOUT} lacks something") from error
    with suppress(OSError):
        os.utime(folder)  # when it was last used
    unreadable = {int(index): reason for index, reason in about["unreadable"].items()}
    return StoreFiles(folder=folder, checksums=checksums, unreadable=unreadable)


def _build(folder: Path, samples: Sequence[Sample], preprocessing: Preprocessing, progress: Reporter) -> None:
    """Decode everything beside the final place; what an interrupted build left is swept away."""
    with atomic_folder(folder) as part:
        checksums, unreadable = _decode(part / PIXELS, samples, preprocessing, progress)
        np.save(part / CHECKSUMS, checksums)
        about = {
            **asdict(preprocessing),
            "images": len(samples),
            "checksums": zlib.crc32((part / CHECKSUMS).read_bytes()),
            "unreadable": {str(index): unreadable[index] for index in sorted(unreadable)},
        }
        about = json.loads(json.dumps(about))  # as it will be read
        write_json(part / ABOUT, {**about, "sha256": _sum(about)})


def _decode(
    path: Path, samples: Sequence[Sample], preprocessing: Preprocessing, progress: Reporter
) -> tuple[np.ndarray, dict[int, str]]:
    """Write every image's row; gives their checksums, and what could not be read."""
    row = bytes_of(preprocessing)
    checksums = np.zeros(len(samples), dtype=np.uint32)
    unreadable: dict[int, str] = {}
    with path.open("wb") as file:
        _reserve(file.fileno(), len(samples) * row)

        def decode(index: int) -> None:
            try:
                data = pixels(read_image(samples[index].path), preprocessing).tobytes()
            except DataError as error:
                unreadable[index] = error.message
                data = bytes(row)
            checksums[index] = zlib.crc32(data)
            os.pwrite(file.fileno(), data, index * row)

        with progress.track("decoding images once", len(samples), "images") as task:
            for _ in map_ordered(len(samples), decode):
                task.advance()
        os.fsync(file.fileno())
    return checksums, unreadable


def _reserve(file: int, size: int) -> None:
    """Take the room, so that a full disk says so now and not in an hour."""
    os.ftruncate(file, size)
    if hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(file, 0, size)
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.EOPNOTSUPP):  # some file systems cannot
                raise


def _sum(about: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
