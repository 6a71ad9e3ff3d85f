"""The cache folder: its path, its contents, and clearing it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from zoo.errors import DataError
from zoo.locks import locked_or

CLEARED = ("digests.sqlite*", "sample-*", ".sample-*")
"""The files and folders that are deleted with the stores. Other files in the cache are kept, such as checksums."""


def cache_folder() -> Path:
    """Return the cache folder: `ZOO_CACHE`, or a folder in the cache of the user."""
    if chosen := os.environ.get("ZOO_CACHE"):
        return Path(chosen)
    from platformdirs import user_cache_path

    return user_cache_path("histozoo")


def stores_folder() -> Path:
    """Return the folder of all stores of decoded images."""
    return cache_folder() / "stores"


@dataclass(frozen=True, kw_only=True)
class Content:
    """A file or folder in the cache."""

    name: str
    kind: str
    """A description, such as "1,995 decoded images, 224x224"."""
    bytes: int
    used: str
    """When it was last used."""


def contents() -> list[Content]:
    """Return everything in the cache that can be deleted, including leftovers of interrupted processes."""
    return [content for path in sorted(_paths()) if (content := _content(path))]


def lock_of(folder: Path) -> Path:
    """Return the file that is locked while a store or a sample is being written, whose folder has another name then."""
    return folder.with_name(f"{folder.name}.lock")


def clear_cache() -> list[str]:
    """Delete all `contents`; return the names of those that are kept because another process is writing them."""
    kept = []
    for path in _paths():
        if path.is_file():
            _remove(path)
            continue
        folder = path.with_name(path.name.strip(".").removesuffix(".part"))
        try:
            with locked_or(lock_of(folder), DataError("another process is writing it")):
                _remove(path)
        except DataError:
            kept.append(path.name)
    return kept


def _paths() -> Iterator[Path]:
    """Yield the path of everything that can be deleted."""
    paths = [path for pattern in CLEARED for path in cache_folder().glob(pattern)] + [*stores_folder().glob("*")]
    yield from (path for path in paths if path.suffix != ".lock")


def _remove(path: Path) -> None:
    """Delete a file or a folder."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _content(path: Path) -> Content | None:
    """Return a path with its description; None if it was deleted in the meantime."""
    try:
        files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
        used = datetime.fromtimestamp(path.stat().st_mtime).astimezone()
        size = sum(file.stat().st_size for file in files)
    except FileNotFoundError:
        return None
    return Content(name=path.name, kind=_kind(path), bytes=size, used=used.isoformat(sep=" ", timespec="minutes"))


def _kind(path: Path) -> str:
    """Return a description of a file or folder."""
    if path.name.startswith("."):
        return "being written, or left by an interrupted process"
    if path.parent == stores_folder():
        try:
            about = json.loads((path / "about.json").read_text(encoding="utf-8"))
            return f"{about['images']:,} decoded images, {about['height']}x{about['width']}"
        except (OSError, ValueError, KeyError, TypeError):
            return "a damaged store"
    return "the synthetic sample" if path.name.startswith("sample-") else "sha256 of image files"
