"""The files of a store in the cache: written atomically, by one process at a time, and checked when opened."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from zoo.data.cache import lock_of, stores_folder
from zoo.data.images import DIGEST, pixel_digest, pixels
from zoo.data.pixels.hashed_images import ChangedImageError, HashedImages, UnreadableFileError
from zoo.errors import DataError
from zoo.files import atomic_folder, write_json
from zoo.locks import locked_in_turn
from zoo.parallel import map_ordered
from zoo.progress import Reporter
from zoo.spec import Preprocessing
from zoo.text import storage_size

FORMAT = 5
"""Increased whenever decoding, resizing or the files change, so that stores of older versions are not used."""
PIXELS, CHECKSUMS, CONTENTS, ABOUT = "pixels.bin", "checksums.npy", "contents.npy", "about.json"
WAITING = "another process is decoding the same images: waiting for it"


@dataclass(frozen=True, kw_only=True)
class StoreFiles:
    """A store on disk: its folder, the checksums of its rows, and why images are unreadable, by index."""

    folder: Path
    pixels: int
    """The descriptor of the open file of rows, which stays readable when another process deletes the store."""
    checksums: np.ndarray
    contents: tuple[bytes, ...]
    """A hash of the pixels of each image at its original size."""
    unreadable: dict[int, str]
    missing: tuple[int, ...]
    """The images whose files could not be read when the store was written, whatever their content is."""


def bytes_of(preprocessing: Preprocessing) -> int:
    """Return the number of bytes of one image."""
    return preprocessing.height * preprocessing.width * 3


def open_or_build(images: HashedImages, preprocessing: Preprocessing, progress: Reporter) -> StoreFiles:
    """Open the store of these images at this size, or build it; wait if another process is building it."""
    size = len(images) * bytes_of(preprocessing)
    folder = stores_folder() / _key(images.contents, preprocessing)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with locked_in_turn(lock_of(folder), waiting=lambda: progress.say(WAITING)):
            if files := _open_existing(folder, size, images, progress):
                return files
            missing = _build(folder, images, preprocessing, progress)
            return _with_missing(_open(folder, size), missing)
    except OSError as error:
        raise DataError(
            f"the store of decoded images ({storage_size(size)}) cannot be written: {error.strerror or error}",
            where=str(folder.parent),
            hint="free some disk space, set ZOO_CACHE to another folder, or decode images each time with --no-store",
        ) from error


def _open_existing(folder: Path, size: int, images: HashedImages, progress: Reporter) -> StoreFiles | None:
    """Open a store if it exists; delete one that has to be built again, and say why.

    Why a file cannot be read is not kept in the store, as it may soon be readable, and other data with the same
    contents have the same store. So each missing image is tried again.
    """
    if not folder.is_dir():
        return None
    try:
        files = _open(folder, size)
    except ValueError as error:
        problem = f"is damaged ({error})"
    else:
        missing = {index: reason for index in files.missing if (reason := _why_unreadable(images, index))}
        if len(missing) == len(files.missing):
            return _with_missing(files, missing)
        os.close(files.pixels)
        problem = "lacks images that could not be read, and now can be"
    progress.say(f"the store {folder.name} {problem}: building it again")
    shutil.rmtree(folder)
    return None


def _with_missing(files: StoreFiles, missing: dict[int, str]) -> StoreFiles:
    """Return a store with the reasons why files cannot be read."""
    return replace(files, unreadable={**files.unreadable, **missing})


def _why_unreadable(images: HashedImages, index: int) -> str | None:
    """Return why an image cannot be read; None if it can be."""
    try:
        images.read(index)
    except ChangedImageError:
        raise
    except DataError as error:
        return error.message
    return None


def _key(contents: Sequence[bytes | None], preprocessing: Preprocessing) -> str:
    """Return a hash of the content of every image in order, and of how images are resized."""
    from PIL import __version__ as decoder

    settings = asdict(preprocessing)
    size = {name: settings[name] for name in ("height", "width", "interpolation", "fit")}  # not mean and std
    if preprocessing.crop_pct != 1:  # else the hash is that of earlier stores
        size["crop_pct"] = preprocessing.crop_pct
    digest = hashlib.sha256(json.dumps([FORMAT, decoder, size], sort_keys=True).encode())
    for content in contents:
        digest.update(content or bytes(digest.digest_size))
    return digest.hexdigest()[:20]


def _open(folder: Path, size: int) -> StoreFiles:
    """Open a store; raise a ValueError that says what is wrong with it. Rows are checked when they are read."""
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        if about.pop("sha256") != _hash(about):
            raise ValueError(f"{ABOUT} has changed")
        for file, name in ((CHECKSUMS, "checksums"), (CONTENTS, "contents")):
            if zlib.crc32((folder / file).read_bytes()) != about[name]:
                raise ValueError(f"{file} has changed")
        checksums, digests = np.load(folder / CHECKSUMS), np.load(folder / CONTENTS)
        if (folder / PIXELS).stat().st_size != size:
            raise ValueError(f"{PIXELS} is truncated")
        unreadable = {int(index): reason for index, reason in about["unreadable"].items()}
        missing = tuple(about["missing"])
    except FileNotFoundError as error:
        raise ValueError(f"{Path(error.filename).name} is missing") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{ABOUT} is incomplete") from error
    with suppress(OSError):
        os.utime(folder)  # `zoo cache` shows when it was last used
    contents = tuple(row.tobytes() for row in digests)
    return StoreFiles(
        folder=folder,
        pixels=os.open(folder / PIXELS, os.O_RDONLY),
        checksums=checksums,
        contents=contents,
        unreadable=unreadable,
        missing=missing,
    )


def _build(folder: Path, images: HashedImages, preprocessing: Preprocessing, progress: Reporter) -> dict[int, str]:
    """Decode all images to a folder that appears when it is complete; return why files cannot be read."""
    with atomic_folder(folder, locked=True) as part:
        checksums, digests, unreadable, missing = _decode(part / PIXELS, images, preprocessing, progress)
        np.save(part / CHECKSUMS, checksums)
        np.save(part / CONTENTS, digests)
        about = {
            **asdict(preprocessing),
            "images": len(images),
            "checksums": zlib.crc32((part / CHECKSUMS).read_bytes()),
            "contents": zlib.crc32((part / CONTENTS).read_bytes()),
            "unreadable": {str(index): unreadable[index] for index in sorted(unreadable)},
            "missing": sorted(missing),
        }
        about = json.loads(json.dumps(about))  # hashed as it will be read
        write_json(part / ABOUT, {**about, "sha256": _hash(about)})
    return missing


def _decode(
    path: Path, images: HashedImages, preprocessing: Preprocessing, progress: Reporter
) -> tuple[np.ndarray, np.ndarray, dict[int, str], dict[int, str]]:
    """Write the row of every image; return its checksum, the hash of its pixels, and why images are unreadable.

    Images are unreadable for two kinds of reasons: the content cannot be decoded, or the file cannot be read.
    """
    row = bytes_of(preprocessing)
    checksums = np.zeros(len(images), dtype=np.uint32)
    digests = np.zeros((len(images), DIGEST), dtype=np.uint8)
    unreadable: dict[int, str] = {}
    missing: dict[int, str] = {}
    with path.open("wb") as file:
        _reserve(file.fileno(), len(images) * row)

        def decode(index: int) -> None:
            data = bytes(row)
            try:
                image = images.read(index)
                digests[index] = np.frombuffer(pixel_digest(image), dtype=np.uint8)
                data = pixels(image, preprocessing).tobytes()
            except ChangedImageError:  # the store would have another content than its name says
                raise
            except UnreadableFileError as error:
                missing[index] = error.message
            except DataError as error:
                unreadable[index] = error.message
            checksums[index] = zlib.crc32(data)
            os.pwrite(file.fileno(), data, index * row)

        with progress.track("decoding images", len(images), "images") as task:
            for _ in map_ordered(len(images), decode):
                task.advance()
        os.fsync(file.fileno())
    return checksums, digests, unreadable, missing


def _reserve(file: int, size: int) -> None:
    """Reserve the disk space, so that a full disk is noticed before decoding."""
    os.ftruncate(file, size)
    if hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(file, 0, size)
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.EOPNOTSUPP):  # not possible on some file systems
                raise


def _hash(about: dict[str, Any]) -> str:
    """Return the sha256 of a JSON document."""
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()
