"""A folder with one folder of images per class; or train, val and test folders of these, which fix the split.

A table groups.csv in it, with the columns path and group, states the patient of each image.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from zoo.data.manifest import Manifest, Sample
from zoo.data.sources.csv_rows import PARTS, rows_of
from zoo.data.sources.image_files import folders_in, images_below
from zoo.errors import DataError

GROUPS = "groups.csv"


def read(root: Path) -> Manifest:
    """Return the manifest; classes are the folder names in alphabetical order, the last of two is the positive one."""
    folders = folders_in(root)
    if folders and all(folder.name.lower() in PARTS for folder in folders):
        placed = [(one, {"split": PARTS[part.name.lower()]}) for part in folders for one in folders_in(part)]
    else:
        _refuse_mixture(root, folders)
        placed = [(one, {}) for one in folders]
    groups = _groups(root / GROUPS)
    samples = tuple(
        _sample(root, path, (one.relative_to(root) / key).as_posix(), one.name, facts, groups)
        for one, facts in placed
        for path, key in images_below(one)
    )
    classes = sorted({one.name for one, _ in placed})
    if len(classes) < 2 or not samples:
        raise DataError(
            "there must be folders of images for at least two classes",
            where=str(root),
            hint=f"found the folders: {', '.join(folder.name for folder in folders) or 'none'}",
        )
    return Manifest(source="folder", name=root.resolve().name, classes=tuple(classes), samples=samples)


def _refuse_mixture(root: Path, folders: list[Path]) -> None:
    """Raise an error if train, val or test folders are beside others, as they would be taken for classes."""
    parts = [folder.name for folder in folders if folder.name.lower() in PARTS]
    if len(parts) > 1 or any(PARTS[part.lower()] == "train" for part in parts):
        others = [folder.name for folder in folders if folder.name not in parts]
        raise DataError(
            f"the folders {', '.join(parts)} are parts of a split, but {', '.join(others)} beside them are not",
            where=str(root),
            hint="move the other folders elsewhere, or list the images in a table (--data csv)",
        )


def _groups(table: Path) -> Mapping[str, str] | None:
    if not table.is_file():
        return None
    return {Path(cells["path"]).as_posix(): cells["group"] for cells, _ in rows_of(table, needed=("path", "group"))}


def _sample(
    root: Path, path: Path, key: str, label: str, facts: Mapping[str, str], groups: Mapping[str, str] | None
) -> Sample:
    if groups is not None and key not in groups:
        raise DataError(
            f"has no group for {key!r}", where=str(root / GROUPS), hint="add a row for it, or delete the table"
        )
    return Sample(path=path, key=key, label=label, group=groups[key] if groups is not None else None, facts=facts)
