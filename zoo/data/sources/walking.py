"""Finding image files below a folder, whatever lies there: links in a circle, odd names, folders nobody may read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from zoo.data.formats import SUFFIXES
from zoo.errors import DataError


def files_below(root: Path) -> Iterator[Path]:
    """Every file below a folder in the order of names; hidden ones are left out, and each folder is entered once."""
    seen: set[tuple[int, int]] = set()

    def refuse(error: OSError) -> None:
        raise DataError(f"cannot be read: {error.strerror}", where=str(error.filename)) from error

    for folder, folders, names in os.walk(root, followlinks=True, onerror=refuse):
        status = Path(folder).stat()
        if (status.st_dev, status.st_ino) in seen:
            folders.clear()
            continue
        seen.add((status.st_dev, status.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                yield Path(folder, name)


def images_below(root: Path) -> Iterator[tuple[Path, str]]:
    """Every image file, with its place below the folder as a key that is the same on every machine."""
    for path in files_below(root):
        if path.suffix.lower() in SUFFIXES:
            yield path, path.relative_to(root).as_posix()
