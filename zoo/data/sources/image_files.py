"""Find image files in a folder and its subfolders, including circular links, odd names and unreadable folders."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from zoo.data.file_hashes import digests
from zoo.errors import DataError

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".gif"})
"""The suffixes of files in the formats that `zoo.data.images` reads. Here, since plugins list files at start-up."""


def files_below(root: Path) -> Iterator[Path]:
    """Yield every file in a folder and its subfolders, sorted by name; skip hidden ones and folders seen before.

    Folders that contain this folder count as seen, so that a link to one of them is not followed.
    """
    seen = {_identity(parent) for parent in root.resolve().parents}

    def refuse(error: OSError) -> None:
        raise DataError(f"cannot be read: {error.strerror}", where=str(error.filename)) from error

    for folder, folders, names in os.walk(root, followlinks=True, onerror=refuse):
        if (identity := _identity(Path(folder))) in seen:
            folders.clear()
            continue
        seen.add(identity)
        folders[:] = sorted(name for name in folders if not is_hidden(name))
        for name in sorted(names):
            if not is_hidden(name):
                yield Path(folder, name)


def images_below(root: Path) -> Iterator[tuple[Path, str]]:
    """Yield every image file with its path relative to the folder, which is the same on every machine, as a key."""
    for path in files_below(root):
        if path.suffix.lower() in SUFFIXES:
            yield path, path.relative_to(root).as_posix()


def folders_in(root: Path) -> list[Path]:
    """Return the folders in a folder, sorted by name, without hidden ones."""
    return sorted(path for path in root.iterdir() if path.is_dir() and not is_hidden(path.name))


def is_hidden(name: str) -> bool:
    """Return whether a file or folder is no data: hidden, or what macOS puts beside the files of an archive."""
    return name.startswith(".") or name == "__MACOSX"


def one_of_each(paths: Iterable[Path], root: Path) -> list[Path]:
    """Return one path for each file name; files of one name must be identical.

    Some copies of a data set contain each image several times, in a folder for each fold.
    """
    by_name: dict[str, list[Path]] = defaultdict(list)
    for path in paths:
        by_name[path.name].append(path)
    copies = [path for same in by_name.values() if len(same) > 1 for path in same]
    contents: defaultdict[str, set[bytes | None]] = defaultdict(set)
    for path, content in zip(copies, digests(len(copies), copies.__getitem__), strict=True):
        contents[path.name].add(content)
    for name, different in contents.items():
        if len(different) > 1:
            folders = ", ".join(str(path.parent.relative_to(root)) for path in by_name[name][:4])
            raise DataError(
                f"{name} occurs several times with different contents: in {folders}",
                where=str(root),
                hint="point --root at one copy of the data set, or remove the damaged copy",
            )
    return [same[0] for same in by_name.values()]


def _identity(folder: Path) -> tuple[int, int]:
    """Return device and inode of a folder, which are the same for all links to it."""
    status = folder.stat()
    return status.st_dev, status.st_ino
