"""Finding image files below a folder, whatever lies there: links in a circle, odd names, folders nobody may read."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from zoo.data.file_hashes import digests
from zoo.data.images import SUFFIXES
from zoo.errors import DataError


def files_below(root: Path) -> Iterator[Path]:
    """Every file below a folder in the order of names; hidden ones are left out, and each folder is entered once.

    A link that leads back up, to a folder around this one, is a circle too: what lies beside is no part of this.
    """
    seen = {_identity(around) for around in root.resolve().parents}

    def refuse(error: OSError) -> None:
        raise DataError(f"cannot be read: {error.strerror}", where=str(error.filename)) from error

    for folder, folders, names in os.walk(root, followlinks=True, onerror=refuse):
        if (identity := _identity(Path(folder))) in seen:
            folders.clear()
            continue
        seen.add(identity)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                yield Path(folder, name)


def images_below(root: Path) -> Iterator[tuple[Path, str]]:
    """Every image file, with its place below the folder as a key that is the same on every machine."""
    for path in files_below(root):
        if path.suffix.lower() in SUFFIXES:
            yield path, path.relative_to(root).as_posix()


def folders_in(root: Path) -> list[Path]:
    """The folders that lie in a folder, in the order of names, without hidden ones."""
    return sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))


def one_of_each(paths: Iterable[Path], root: Path) -> list[Path]:
    """Every file name once. Some copies of a set hold it several times, in a folder for each fold."""
    found: dict[str, list[Path]] = defaultdict(list)
    for path in paths:
        found[path.name].append(path)
    copies = [path for same in found.values() if len(same) > 1 for path in same]
    contents: defaultdict[str, set[bytes | None]] = defaultdict(set)
    for path, content in zip(copies, digests(len(copies), copies.__getitem__), strict=True):
        contents[path.name].add(content)
    for name, different in contents.items():
        if len(different) > 1:
            places = ", ".join(str(path.parent.relative_to(root)) for path in found[name][:4])
            raise DataError(
                f"{name} stands here several times with different content: in {places}",
                where=str(root),
                hint="point --root at one copy of the set, or remove the damaged one",
            )
    return [same[0] for same in found.values()]


def _identity(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_dev, status.st_ino
