"""What lies in the cache, and removing it."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from zoo.data.cache import cache_folder
from zoo.data.store import ABOUT, stores_folder


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
    """Everything in the cache; what an interrupted process left behind too."""
    places = [path for path in _inside(cache_folder()) if path != stores_folder()] + _inside(stores_folder())
    return [_content(path) for path in sorted(places) if path.suffix != ".lock"]


def clear_cache() -> None:
    """Remove it all."""
    for path in _inside(cache_folder()):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _inside(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _content(path: Path) -> Content:
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    used = datetime.fromtimestamp(path.stat().st_mtime).astimezone()
    return Content(
        name=path.name,
        kind=_kind(path),
        bytes=sum(file.stat().st_size for file in files),
        used=used.isoformat(sep=" ", timespec="minutes"),
    )


def _kind(path: Path) -> str:
    if path.name.startswith("."):
        return "left by a process that was interrupted"
    if path.parent == stores_folder():
        try:
            about = json.loads((path / ABOUT).read_text(encoding="utf-8"))
            return f"{about['images']:,} decoded images, {about['height']}x{about['width']}"
        except (OSError, ValueError, KeyError):
            return "a damaged store"
    if path.name.startswith("sample-"):
        return "the synthetic sample"
    return "remembered hashes" if path.name.startswith("digests") else "other"
