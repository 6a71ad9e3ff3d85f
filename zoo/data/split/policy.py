"""Choosing how to split: by patient wherever patients are known, unless the data or the user say otherwise."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from zoo.data.manifest import Manifest
from zoo.data.sources.csv_rows import PARTS as SPELLED
from zoo.data.split.split import PARTS, Split, check_classes, make_fold, make_split
from zoo.errors import DataError, UsageError

How = Literal["auto", "patient", "image", "fixed"]


@dataclass(frozen=True, kw_only=True)
class SplitPolicy:
    """What decides a split, together with the data."""

    how: How = "auto"
    """`auto`: as the data themselves say, else by patient where patients are known, else by image."""
    fractions: tuple[float, float, float] = (0.6, 0.1, 0.3)
    seed: int = 0
    folds: int | None = None
    fold: int = 0

    def split(self, manifest: Manifest) -> Split:
        """The split of these data."""
        fixed = has_own_split(manifest)
        how = self.how
        if how == "auto":
            how = "fixed" if fixed else "patient" if manifest.groups else "image"
        if how == "fixed":
            if not fixed:
                raise DataError(
                    "these data do not say themselves who is held out",
                    where=manifest.name,
                    hint="they need train, val and test folders, or a table with a column split; or use --split-file",
                )
            if self.folds is not None:
                raise UsageError(
                    "these data say themselves who is held out, so there are no folds",
                    hint="--split patient or --split image divides them anew",
                )
            return own_split(manifest, seed=self.seed)
        if self.folds is not None:
            return make_fold(manifest, unit=how, folds=self.folds, fold=self.fold, seed=self.seed)
        return make_split(manifest, unit=how, fractions=self.fractions, seed=self.seed)


def read_split_file(path: Path, manifest: Manifest) -> Split:
    """A split from a table with the columns key (or path) and part (or split), such as a run's split.csv."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"the split cannot be read: {error}", where=str(path)) from error
    columns = set(rows[0]) if rows else set()
    key = "key" if "key" in columns else "path"
    part = "part" if "part" in columns else "split"
    if not {key, part} <= columns:
        raise DataError("the table must have the columns key (or path) and part (or split)", where=str(path))
    part_of: dict[str, str] = {}
    for row in rows:
        if part_of.setdefault(row[key], row[part]) != row[part]:
            raise DataError(f"puts {row[key]!r} into {part_of[row[key]]} and into {row[part]}", where=str(path))
    return _fixed(manifest, part_of, where=str(path), seed=0)


def has_own_split(manifest: Manifest) -> bool:
    """Whether the data say who is held out."""
    return all("split" in sample.facts for sample in manifest.samples)


def own_split(manifest: Manifest, *, seed: int) -> Split:
    """The split that the data say."""
    parts = {sample.key: sample.facts["split"] for sample in manifest.samples}
    return _fixed(manifest, parts, where=manifest.name, seed=seed)


def _fixed(manifest: Manifest, part_of: dict[str, str], *, where: str, seed: int) -> Split:
    """Every sample goes where it is said to go; one that nobody speaks of is a mistake."""
    indices: dict[str, list[int]] = {part: [] for part in PARTS}
    for index, sample in enumerate(manifest.samples):
        said = part_of.get(sample.key)
        part = SPELLED.get((said or "").strip().lower())
        if part is None:
            problem = f"names no part for {sample.key!r}" if said is None else f"says {said!r} for {sample.key!r}"
            raise DataError(f"the split {problem}", where=where, hint=f"parts are: {', '.join(PARTS)}")
        indices[part].append(index)
    split = Split(unit="fixed", seed=seed, **{part: tuple(some) for part, some in indices.items()})
    check_classes(manifest, split, [part for part in PARTS if part != "val" or indices["val"]])
    return split
