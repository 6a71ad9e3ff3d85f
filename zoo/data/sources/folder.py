"""A folder with one folder of images a class; or train, val and test folders of those, which fix the split."""

from __future__ import annotations

from pathlib import Path

from zoo.data.manifest import Manifest, Sample
from zoo.data.sources.csv import PARTS
from zoo.data.sources.walking import images_below
from zoo.errors import DataError


def read(root: Path) -> Manifest:
    """The classes are the folders' names, in alphabetical order; the last of two is the positive one."""
    folders = _folders(root)
    if folders and all(folder.name.lower() in PARTS for folder in folders):
        placed = [(one, {"split": PARTS[part.name.lower()]}) for part in folders for one in _folders(part)]
    else:
        placed = [(one, {}) for one in folders]
    samples = [
        Sample(path=path, key=(one.relative_to(root) / key).as_posix(), label=one.name, facts=facts)
        for one, facts in placed
        for path, key in images_below(one)
    ]
    classes = sorted({one.name for one, _ in placed})
    if len(classes) < 2 or not samples:
        raise DataError(
            "there must be a folder for each of at least two classes, with images in it",
            where=str(root),
            hint=f"found the folders: {', '.join(folder.name for folder in folders) or 'none'}",
        )
    return Manifest(source="folder", name=root.resolve().name, classes=tuple(classes), samples=tuple(samples))


def _folders(root: Path) -> list[Path]:
    return sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
