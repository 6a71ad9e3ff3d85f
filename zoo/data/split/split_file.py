"""A split as a CSV file: the `split.csv` of a run, or a file of the user."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from zoo.data.manifest import Manifest
from zoo.data.sources.csv_rows import PARTS as SPELLINGS
from zoo.data.sources.csv_rows import rows_of
from zoo.data.split.split import PARTS, Split, check_classes
from zoo.errors import DataError
from zoo.files import write_csv

NAMES = {name: name for name in ("key", "path", "part", "split")}
"""The columns, whose capital letters do not count."""
EXCLUDED = "excluded"
"""The part of an image that is in no part."""


def write_split(path: Path, manifest: Manifest, split: Split) -> None:
    """Write a table with one row per image: key, label, group and part."""
    part_of = [EXCLUDED] * len(manifest.samples)
    for part in PARTS:
        for index in split.part(part):
            part_of[index] = part
    rows = zip(manifest.samples, part_of, strict=True)
    cells = ([sample.key, sample.label, sample.group or "", part] for sample, part in rows)
    write_csv(path, ["key", "label", "group", "part"], cells)


def read_split_file(path: Path, manifest: Manifest) -> Split:
    """Read the split of a manifest from a table with the columns key (or path) and part (or split)."""
    return split_from_parts(manifest, stated_parts(path), where=str(path), seed=0)


def stated_parts(path: Path) -> dict[str, str]:
    """Return the part of each image as a split file states it, by the image's key."""
    rows = [cells for cells, _ in rows_of(path, needed=(), names=NAMES)]
    columns = list(rows[0]) if rows else []
    key = "key" if "key" in columns else "path"
    part = "part" if "part" in columns else "split"
    if not {key, part} <= set(columns):
        raise DataError(
            "the table must have the columns key (or path) and part (or split)",
            where=str(path),
            hint=f"its columns are: {', '.join(columns) or 'none'}",
        )
    part_of: dict[str, str] = {}
    for row in rows:
        image = Path(row[key]).as_posix() if key == "path" else row[key]  # as a table of images is read
        if part_of.setdefault(image, row[part]) != row[part]:
            raise DataError(f"the image {image!r} is in two parts: {part_of[image]} and {row[part]}", where=str(path))
    return part_of


def _other_names(manifest: Manifest, part_of: Mapping[str, str]) -> str:
    """Return what to add to a hint if a table has no image of the manifest; an empty text if it has."""
    if not part_of or any(sample.key in part_of for sample in manifest.samples):
        return ""
    return f"; none is in the table, which names images like {next(iter(part_of))!r}"


def split_from_parts(manifest: Manifest, part_of: Mapping[str, str], *, where: str, seed: int) -> Split:
    """Return the split in which each image is in the part that `part_of` names for its key; none may be missing."""
    indices: dict[str, list[int]] = {part: [] for part in (*PARTS, EXCLUDED)}
    for index, sample in enumerate(manifest.samples):
        stated = part_of.get(sample.key, part_of.get(sample.key.strip()))  # cells of a table are read without spaces
        word = (stated or "").strip().lower()
        part = EXCLUDED if word == EXCLUDED else SPELLINGS.get(word)
        if part is None:
            problem = "has no part" if stated is None else f"has the unknown part {stated!r}"
            hint = f"parts are: {', '.join([*PARTS, EXCLUDED])}"
            if stated is None:
                hint = "add a row for it" + _other_names(manifest, part_of)
            raise DataError(f"the image {sample.key!r} {problem}", where=where, hint=hint)
        indices[part].append(index)
    members = {part: tuple(indices[part]) for part in indices}
    split = Split(
        unit="fixed",
        seed=seed,
        train=members["train"],
        val=members["val"],
        test=members["test"],
        excluded=members[EXCLUDED],
    )
    check_classes(manifest, split, [part for part in PARTS if part != "val" or indices["val"]])
    return split
