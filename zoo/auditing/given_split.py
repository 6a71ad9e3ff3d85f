"""The split to audit: one that the zoo makes, that of a run, or a published table of images or of patients."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path
from typing import get_args

from zoo.data.manifest import Manifest
from zoo.data.patient_names import same_for_one_patient
from zoo.data.sources.csv_rows import NAMES, rows_of
from zoo.data.sources.csv_rows import PARTS as SPELLINGS
from zoo.data.split.policy import How, SplitPolicy
from zoo.data.split.split import PARTS, Split
from zoo.data.split.split_file import EXCLUDED
from zoo.data.split.unknown_patients import PARTS_OF_A_PATIENT
from zoo.errors import DataError
from zoo.runs import SPLIT, Run, is_run

IMAGE_COLUMNS = ("key", "path", "image", "file", "filename")
PATIENT_COLUMNS = ("patient", "group", *PARTS_OF_A_PATIENT)
PART_COLUMNS = ("part", "split", "subset", "set")
OTHERS = "*"
"""A row with this patient states the part of all patients that no other row names."""


@dataclass(frozen=True, kw_only=True)
class GivenSplit:
    """A split, how it was stated, and what of the data and the table do not match."""

    method: str
    """How the split was stated, for readers."""
    split: Split
    val_as_test: bool = False
    """Whether the split had no test part, so that its validation part is taken for it."""
    unlisted: tuple[str, ...] = ()
    """Images of the data that are in no part."""
    unmatched: tuple[str, ...] = ()
    """Images or patients of the table that are not in the data."""
    elsewhere: tuple[str, ...] = ()
    """Rows of the table with the file name of an image, but another folder or patient, which are in no part."""


def check_stated(stated: str | None) -> None:
    """Raise a DataError if the table that states a split cannot be read, before the images are, which takes longer."""
    if stated is not None and stated not in get_args(How) and not is_run(Path(stated)):
        list(rows_of(Path(stated), needed=()))


def given_split(manifest: Manifest, contents: Sequence[bytes | None], stated: str | None, *, seed: int) -> GivenSplit:
    """Return the split to audit.

    Args:
        manifest: The images.
        contents: Digests of their pixels.
        stated: `auto`, `patient`, `image` or `fixed` for a split as the zoo makes it; or the path of a run, or of a
            table. None means `auto`.
        seed: The seed of a split that the zoo makes.
    """
    if stated is None or stated in get_args(How):
        how: How = "auto" if stated is None else stated  # type: ignore[assignment]
        split = SplitPolicy(how=how, seed=seed, identical="allow" if how == "fixed" else "together").split(
            manifest, contents
        )
        method = "the split that comes with the data"
        if split.unit != "fixed":
            method = f"a split by {split.unit} of histozoo, seed {seed}"
        return GivenSplit(method=method, split=split)
    path = Path(stated)
    if is_run(path):
        record = Run.open(path).record
        given = _read_table(path / SPLIT, manifest)
        unit = "that the data or a file states" if record.split.unit == "fixed" else f"by {record.split.unit}"
        return replace(given, method=f"the split of the run {path.name}, {unit}, seed {record.split.seed}")
    return _read_table(path, manifest)


def _read_table(path: Path, manifest: Manifest) -> GivenSplit:
    """Return the split in a table with a column for the part, and one for the image or the patient."""
    own = {name: name for name in (*IMAGE_COLUMNS, *PATIENT_COLUMNS, *PART_COLUMNS)}
    names = {**own, **{spelling: name for spelling, name in NAMES.items() if spelling not in own}}
    rows = [cells for cells, _ in rows_of(path, needed=(), names=names)]
    columns = list(rows[0]) if rows else []
    part = next((name for name in PART_COLUMNS if name in columns), None)
    image = next((name for name in IMAGE_COLUMNS if name in columns), None)
    patient = next((name for name in PATIENT_COLUMNS if name in columns), None)
    if part is None or (image is None and patient is None):
        raise DataError(
            f"the table needs a column {' or '.join(PART_COLUMNS[:2])}, and one for the image "
            f"({', '.join(IMAGE_COLUMNS)}) or the patient ({', '.join(PATIENT_COLUMNS)})",
            where=str(path),
            hint=f"its columns are: {', '.join(columns) or 'none'}",
        )
    column = image or str(patient)
    part_of: dict[str, str] = {}
    patient_of: dict[str, str] = {}
    for cells in rows:
        word = cells[part].lower()
        stated = EXCLUDED if word == EXCLUDED else SPELLINGS.get(word)
        if stated is None:
            raise DataError(
                f"{cells[column]!r} has the unknown part {cells[part]!r}",
                where=str(path),
                hint=f"parts are: {', '.join([*PARTS, EXCLUDED])}",
            )
        if part_of.setdefault(cells[column], stated) != stated:
            raise DataError(
                f"{cells[column]!r} is in two parts: {part_of[cells[column]]} and {stated}", where=str(path)
            )
        patient_of[cells[column]] = cells.get("patient") or cells.get("group") or ""
    elsewhere: Sequence[str] = ()
    if image:
        members, elsewhere = _by_image(manifest, patient_of)
    else:
        members = _by_patient(manifest, column, part_of, where=str(path))
    _check_parts(manifest, part_of, members, where=str(path))
    kind = "images" if image else f"{column}s" if column != "group" else "patients"
    listed = {index for name in members for index in members[name]}
    parts = {
        name: tuple(sorted({index for row in part_of if part_of[row] == name for index in members[row]}))
        for name in PARTS
    }
    if not parts["train"] or not (parts["test"] or parts["val"]):
        raise DataError("no image of the data is in the training part, or none in the test part", where=str(path))
    val_as_test = not parts["test"]
    if val_as_test:
        parts = {"train": parts["train"], "val": (), "test": parts["val"]}
    out = tuple(sorted(set(range(len(manifest.samples))) - {index for one in parts.values() for index in one}))
    return GivenSplit(
        method=f"the table of {kind} {path.name}",
        split=Split(unit="fixed", seed=0, train=parts["train"], val=parts["val"], test=parts["test"], excluded=out),
        val_as_test=val_as_test,
        unlisted=tuple(sample.key for index, sample in enumerate(manifest.samples) if index not in listed),
        unmatched=tuple(row for row in part_of if not members[row] and row not in {OTHERS, *elsewhere}),
        elsewhere=tuple(elsewhere),
    )


def _by_image(manifest: Manifest, patient_of: Mapping[str, str]) -> tuple[dict[str, list[int]], list[str]]:
    """Return the image that each row names, and the rows that have another folder or patient than this image.

    It is the one with this key, or the only one with this file name. Of several rows with its file name, those with
    another folder than the best one name an image that is not in the data. Rows have another folder or patient if at
    least half of the rows call folders or patients as the data do.

    Args:
        manifest: The images.
        patient_of: The patient of each row; empty if it states none.
    """
    by_key = {sample.key: index for index, sample in enumerate(manifest.samples)}
    by_name: defaultdict[str, list[int]] = defaultdict(list)
    for index, sample in enumerate(manifest.samples):
        by_name[_steps(sample.key)[-1]].append(index)
    found: dict[str, list[int]] = {}
    for row in patient_of:
        same_name = by_name[_steps(row)[-1]]
        found[row] = [by_key[row]] if row in by_key else same_name if len(same_name) == 1 else []
    named = {row: manifest.samples[indices[0]] for row, indices in found.items() if indices}
    same = {row: _same_steps(row, sample.key) for row, sample in named.items()}
    possible = {row: min(len(_steps(row)), len(_steps(sample.key))) for row, sample in named.items()}
    best: defaultdict[str, int] = defaultdict(int)
    for row, sample in named.items():
        best[sample.key] = max(best[sample.key], same[row])
    for row, sample in list(named.items()):
        if same[row] < min(best[sample.key], possible[row]):
            found[row] = []
            del named[row]
    depths = sorted(same[row] for row in named if possible[row] > 1)
    usual = depths[len(depths) // 2] if depths else 0  # at least half of the rows with folders have this in common
    same_patient = {
        row: same_for_one_patient(patient_of[row]) == same_for_one_patient(sample.group)
        for row, sample in named.items()
        if patient_of[row] and sample.group
    }
    patients_alike = 2 * sum(same_patient.values()) >= len(same_patient)
    elsewhere = [
        row
        for row, sample in named.items()
        if row != sample.key
        and (same[row] < min(usual, possible[row]) or (patients_alike and not same_patient.get(row, True)))
    ]
    return {**found, **{row: [] for row in elsewhere}}, elsewhere


def _check_parts(
    manifest: Manifest, part_of: Mapping[str, str], members: Mapping[str, Sequence[int]], *, where: str
) -> None:
    """Raise a DataError if two rows with different parts name the same image."""
    row_of: dict[int, str] = {}
    for row, part in part_of.items():
        for index in members[row]:
            other = row_of.setdefault(index, row)
            if part_of[other] != part:
                raise DataError(
                    f"{other!r} is in {part_of[other]} and {row!r} in {part}, but both name the image "
                    f"{manifest.samples[index].key!r}",
                    where=where,
                    hint="images are found by their name in the data, or by the name of their file; patients without "
                    "regard to capital letters",
                )


def _by_patient(manifest: Manifest, column: str, part_of: Mapping[str, str], *, where: str) -> dict[str, list[int]]:
    """Return the images of the patients that each row names."""
    by_patient: defaultdict[str, list[int]] = defaultdict(list)
    for index, sample in enumerate(manifest.samples):
        name = sample.facts.get(column) or (sample.group if column in ("patient", "group") else None)
        if name is not None:
            by_patient[same_for_one_patient(name)].append(index)
    if not by_patient:
        raise DataError(f"the table names each {column}, which these data do not state", where=where)
    found = {row: by_patient.get(same_for_one_patient(row), []) for row in part_of}
    if OTHERS in part_of:
        named = {index for indices in found.values() for index in indices}
        found[OTHERS] = [index for index in range(len(manifest.samples)) if index not in named]
    return found


def _steps(path: str) -> list[str]:
    """Return the folders of a path of any operating system, and its file name."""
    return re.split(r"[/\\]", path)


def _same_steps(path: str, other: str) -> int:
    """Return how many of the last steps of two paths are the same."""
    pairs = zip(reversed(_steps(path)), reversed(_steps(other)), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
