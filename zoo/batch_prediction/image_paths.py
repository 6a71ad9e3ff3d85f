"""The image files that paths, folders and patterns name, in an order that is the same every time."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from glob import glob, has_magic
from itertools import islice
from pathlib import Path

from zoo.data.sources.image_files import images_below
from zoo.errors import DataError, UsageError


@dataclass(frozen=True)
class ImagePaths:
    """Image files, listed again whenever they are iterated over, so that millions of names do not fill the memory.

    A file is taken as it is, whatever its name; a folder stands for the image files in it and in its subfolders,
    sorted by name; a pattern such as `slides/**/*.png` for what it matches, sorted.
    """

    given: tuple[str, ...]

    @classmethod
    def of(cls, paths: str | Path | Sequence[str | Path]) -> ImagePaths:
        """Return the images that one or several paths name; a DataError names a path that does not exist."""
        several = [paths] if isinstance(paths, str | Path) else list(paths)
        for path in several:
            if not isinstance(path, str | Path):
                raise UsageError(f"a path must be text or a Path, not {type(path).__name__}")
        return cls(tuple(os.fspath(path) for path in several))

    def __iter__(self) -> Iterator[Path]:
        for given in self.given:
            yield from _images(given)

    def between(self, start: int, stop: int) -> Iterator[Path]:
        """Yield the images from number `start` up to `stop`, which is left out."""
        return islice(iter(self), start, stop)

    def count(self) -> tuple[int, str]:
        """Return how many images there are, and a hash of all their paths in order and of the files' sizes.

        Not of the times of their last changes: these are new when a data set is copied to a node once more.
        """
        number, digest = 0, hashlib.sha256()
        for path in self:
            number += 1
            digest.update(os.fsencode(path) + b"\0" + str(_size(path)).encode() + b"\0")
        if not number:
            raise DataError("there are no images", where=", ".join(self.given[:3]) or None)
        return number, digest.hexdigest()[:16]


def _size(path: Path) -> int | None:
    """Return the number of bytes of a file; None if it cannot be opened, which its row will say."""
    try:
        return path.stat().st_size
    except OSError:
        return None


def _images(given: str) -> Iterator[Path]:
    """Yield the images that one path, folder or pattern names."""
    path = Path(given).expanduser()
    if path.is_dir():
        yield from (image for image, _ in images_below(path))
    elif path.exists():
        yield path
    elif has_magic(given):
        matches = [Path(match) for match in sorted(glob(str(path), recursive=True))]  # noqa: PTH207  # an absolute pattern, too
        if not matches:
            raise DataError("this pattern matches no file", where=given)
        yield from (match for match in matches if match.is_file())
    else:
        raise DataError("there is no such file or folder", where=given)
