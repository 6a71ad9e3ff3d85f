"""A folder with one folder of images a class."""

from __future__ import annotations

from pathlib import Path

from zoo.data.images import SUFFIXES
from zoo.data.manifest import Manifest, Sample
from zoo.errors import DataError


def read(root: Path) -> Manifest:
    """The classes are the folders' names, in alphabetical order; the last of two is the positive one."""
    classes = sorted(path.name for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
    samples = [
        Sample(path=path, key=path.relative_to(root).as_posix(), label=name)
        for name in classes
        for path in sorted((root / name).rglob("*"))
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
    ]
    if len(classes) < 2 or not samples:
        raise DataError(
            "there must be a folder for each of at least two classes, with images in it",
            where=str(root),
            hint=f"found the folders: {', '.join(classes) or 'none'}",
        )
    return Manifest(source="folder", name=root.resolve().name, classes=tuple(classes), samples=tuple(samples))
