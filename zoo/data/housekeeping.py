"""What lies in the cache, and removing it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from zoo.data.cache import cache_folder
from zoo.data.pixels.store_files import ABOUT, stores_folder

OURS = ("digests.sqlite*", "sample-*", ".sample-*")
"""What may go, beside the stores. Whatever else lies in the cache is somebody else's, or a record to keep."""


@dataclass(frozen=True, kw_only=True)
class Content:
    """One thing in the cache."""

    name: str
    kind: str
    bytes: int
    used: str

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


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
        try:
            with FileLock(f"{path.parent / path.name.strip('.').removesuffix('.part')}.lock", timeout=0):
                _remove(path)
        except Timeout:
            kept.append(path.name)
    return kept


def _places() -> Iterator[Path]:
    for pattern in OURS:
        yield from cache_folder().glob(pattern)
    yield from (path for path in stores_folder().glob("*") if path.suffix != ".lock")


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
            about = json.loads((path / ABOUT).read_text(encoding="utf-8"))
            return f"{about['images']:,} decoded images, {about['height']}x{about['width']}"
        except (OSError, ValueError, KeyError, TypeError):
            return "a damaged store"
    return "the synthetic sample" if path.name.startswith("sample-") else "remembered hashes"
