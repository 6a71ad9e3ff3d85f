"""The cache folder: where it is, what is in it, and how it is cleared."""

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

OURS = ("digests.sqlite*", "sample-*", ".sample-*")
"""What may go, beside the stores. Whatever else lies in the cache is somebody else's, or a record to keep."""


def cache_folder() -> Path:
    """`ZOO_CACHE`, or the user's cache folder."""
    if chosen := os.environ.get("ZOO_CACHE"):
        return Path(chosen)
    from platformdirs import user_cache_path

    return user_cache_path("histozoo")


def stores_folder() -> Path:
    """Where all stores of decoded images are."""
    return cache_folder() / "stores"


@dataclass(frozen=True, kw_only=True)
class Content:
    """One thing in the cache."""

    name: str
    kind: str
    bytes: int
    used: str


def contents() -> list[Content]:
    """Everything of ours in the cache; what an interrupted process left behind too."""
    return [found for path in sorted(_places()) if (found := _content(path))]


def clear_cache() -> list[str]:
    """Remove it all; gives the names of stores that stay, as another process is building them."""
    kept = []
    for path in _places():
        if path.parent != stores_folder():
            _remove(path)
            continue
        store = path.name.strip(".").removesuffix(".part")
        try:
            with locked_or(path.with_name(f"{store}.lock"), DataError("another process is building it")):
                _remove(path)
        except DataError:
            kept.append(path.name)
    return kept


def _places() -> Iterator[Path]:
    found = [path for pattern in OURS for path in cache_folder().glob(pattern)] + [*stores_folder().glob("*")]
    yield from (path for path in found if path.suffix != ".lock")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _content(path: Path) -> Content | None:
    """None for what has gone in the meantime."""
    try:
        files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
        used = datetime.fromtimestamp(path.stat().st_mtime).astimezone()
        size = sum(file.stat().st_size for file in files)
    except FileNotFoundError:
        return None
    return Content(name=path.name, kind=_kind(path), bytes=size, used=used.isoformat(sep=" ", timespec="minutes"))


def _kind(path: Path) -> str:
    if path.name.startswith("."):
        return "being made, or left by a process that was interrupted"
    if path.parent == stores_folder():
        try:
            about = json.loads((path / "about.json").read_text(encoding="utf-8"))
            return f"{about['images']:,} decoded images, {about['height']}x{about['width']}"
        except (OSError, ValueError, KeyError, TypeError):
            return "a damaged store"
    return "the synthetic sample" if path.name.startswith("sample-") else "remembered hashes"
