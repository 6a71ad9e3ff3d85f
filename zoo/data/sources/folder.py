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
        class_folders = [
            (folder, {"split": PARTS[part.name.lower()]}) for part in folders for folder in folders_in(part)
        ]
    else:
        _refuse_mixture(root, folders)
        class_folders = [(folder, {}) for folder in folders]
    groups = _groups(root / GROUPS)
    samples = tuple(
        _sample(root, path, (folder.relative_to(root) / key).as_posix(), folder.name, facts, groups)
        for folder, facts in class_folders
        for path, key in images_below(folder)
    )
    classes = sorted({folder.name for folder, _ in class_folders})
    if len(classes) < 2 or not samples:
        raise DataError(
            "folders with images of at least two classes are needed",
            where=str(root),
            hint=f"found the folders: {', '.join(folder.name for folder in folders) or 'none'}",
        )
    return Manifest(source="folder", name=root.resolve().name, classes=tuple(classes), samples=samples)


def _refuse_mixture(root: Path, folders: list[Path]) -> None:
    """Raise an error if there are both train, val or test folders and others, as they would be taken for classes."""
    parts = [folder.name for folder in folders if folder.name.lower() in PARTS]
    if len(parts) > 1 or any(PARTS[part.lower()] == "train" for part in parts):
        others = [folder.name for folder in folders if folder.name not in parts]
        raise DataError(
            f"the folders {', '.join(parts)} are parts of a split, but not {', '.join(others)}",
            where=str(root),
            hint="move the other folders elsewhere, or list the images in a table (--data csv)",
        )


def _groups(table: Path) -> Mapping[str, str] | None:
    """Return the patient of each image by its key; None if there is no table."""
    if not table.is_file():
        return None
    groups: dict[str, str] = {}
    for cells, where in rows_of(table, needed=("path", "group")):
        key = Path(cells["path"]).as_posix()
        if groups.setdefault(key, cells["group"]) != cells["group"]:
            raise DataError(
                f"{key!r} has two groups: {groups[key]!r} and {cells['group']!r}",
                where=where,
                hint="keep the row with the right one",
            )
    return groups


def _sample(
    root: Path, path: Path, key: str, label: str, facts: Mapping[str, str], groups: Mapping[str, str] | None
) -> Sample:
    """Return the sample of an image; raise an error if the table of patients lacks it."""
    if groups is not None and key not in groups:
        raise DataError(
            f"has no group for {key!r}", where=str(root / GROUPS), hint="add a row for it, or delete the table"
        )
    return Sample(path=path, key=key, label=label, group=groups[key] if groups is not None else None, facts=facts)
