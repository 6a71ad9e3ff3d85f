"""A folder with one folder of images per class; or train, val and test folders of these, which fix the split.

A table groups.csv in it, with the columns path and group, states the patient of each image.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import Path

from zoo.data.manifest import Manifest, Sample
from zoo.data.sources.csv_rows import NAMES, NO_PATIENT, PARTS, rows_of
from zoo.data.sources.image_files import SUFFIXES, folders_in, images_below
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
    table = _table(root)
    groups = _groups(table) if table else None
    samples = tuple(
        Sample(path=path, key=(folder.relative_to(root) / key).as_posix(), label=folder.name, facts=facts)
        for folder, facts in class_folders
        for path, key in images_below(folder)
    )
    classes = sorted({folder.name for folder, _ in class_folders})
    if len(classes) < 2 or not samples:
        raise DataError(
            "folders with images of at least two classes are needed",
            where=str(root),
            hint=_what_was_found(folders, empty=not samples),
        )
    if table and groups is not None:
        samples = _with_groups(samples, groups, table)
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


def _what_was_found(folders: list[Path], *, empty: bool) -> str:
    """Return what there is instead of folders of images, as the hint of an error."""
    found = f"found the folders: {', '.join(folder.name for folder in folders) or 'none'}"
    if len(folders) == 1 and len(folders_in(folders[0])) > 1:
        return f"{found}; did you mean {folders[0]}?"
    if folders and empty:
        return f"{found}, without a file that ends in {', '.join(sorted(SUFFIXES))}"
    return found


def _table(root: Path) -> Path | None:
    """Return the table of patients, however its name is capitalized; None if there is none."""
    found = sorted(path for path in root.iterdir() if path.name.lower() == GROUPS and path.is_file())
    if len(found) > 1:
        raise DataError(
            f"there are several tables of patients: {', '.join(path.name for path in found)}",
            where=str(root),
            hint="keep one of them",
        )
    return found[0] if found else None


def _groups(table: Path) -> Mapping[str, str]:
    """Return the patient of each image by its path in the table."""
    groups: dict[str, str] = {}
    for cells, where in rows_of(table, needed=("path", "group"), names=NAMES):
        key = _composed(Path(cells["path"]).as_posix())
        if cells["group"].lower() in NO_PATIENT:
            raise DataError(
                f"{key!r} has the group {cells['group']!r}, which is no patient",
                where=where,
                hint="write the patient of every image, or move those without one elsewhere",
            )
        if groups.setdefault(key, cells["group"]) != cells["group"]:
            raise DataError(
                f"{key!r} has two groups: {groups[key]!r} and {cells['group']!r}",
                where=where,
                hint="keep the row with the right one",
            )
    return groups


def _with_groups(samples: tuple[Sample, ...], groups: Mapping[str, str], table: Path) -> tuple[Sample, ...]:
    """Return the samples with their patients; raise an error if the table lacks one."""
    lacking = [sample.key for sample in samples if _composed(sample.key) not in groups]
    if lacking:
        hint = "add a row for it"
        if groups and len(lacking) == len(samples):
            hint = f"its paths must be like this one, with / between folders, and not like {next(iter(groups))!r}"
        raise DataError(f"has no group for {lacking[0]!r}", where=str(table), hint=hint)
    return tuple(
        Sample(path=one.path, key=one.key, label=one.label, group=groups[_composed(one.key)], facts=one.facts)
        for one in samples
    )


def _composed(key: str) -> str:
    """Return a path with each letter and its accent as one character; macOS writes them as two in file names."""
    return unicodedata.normalize("NFC", key)
