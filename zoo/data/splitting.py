"""Choosing how to split: by patient wherever patients are known, unless the data or the user say otherwise."""

from __future__ import annotations

import csv
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from zoo.data.manifest import Manifest
from zoo.data.split import PARTS, Split, check_classes, make_fold, make_split
from zoo.errors import DataError

How = Literal["auto", "patient", "image", "fixed"]


@dataclass(frozen=True, kw_only=True)
class Splitting:
    """What decides a split, together with the data."""

    how: How = "auto"
    """`auto`: as the data themselves say, else by patient where patients are known, else by image."""
    fractions: tuple[float, float, float] = (0.6, 0.1, 0.3)
    seed: int = 0
    folds: int | None = None
    fold: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "fractions": list(self.fractions)}

    def of(self, manifest: Manifest) -> Split:
        """The split of these data."""
        fixed = all("split" in sample.facts for sample in manifest.samples)
        how = self.how
        if how == "auto":
            how = "fixed" if fixed else "patient" if manifest.groups else "image"
        if how == "fixed":
            return _fixed_by_data(manifest, self.seed)
        if self.folds is not None:
            return make_fold(manifest, unit=how, folds=self.folds, fold=self.fold, seed=self.seed)
        return make_split(manifest, unit=how, fractions=self.fractions, seed=self.seed)


def read_split(path: Path, manifest: Manifest) -> Split:
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
    return _fixed(manifest, {row[key]: row[part] for row in rows}, where=str(path), seed=0)


def _fixed_by_data(manifest: Manifest, seed: int) -> Split:
    parts = {sample.key: sample.facts.get("split", "") for sample in manifest.samples}
    return _fixed(manifest, parts, where=manifest.name, seed=seed)


def _fixed(manifest: Manifest, part_of: dict[str, str], *, where: str, seed: int) -> Split:
    """Every sample goes where it is said to go; one that nobody speaks of is a mistake."""
    indices: dict[str, list[int]] = {part: [] for part in PARTS}
    for index, sample in enumerate(manifest.samples):
        part = part_of.get(sample.key)
        if part not in indices:
            problem = f"names no part for {sample.key!r}" if part is None else f"says {part!r} for {sample.key!r}"
            raise DataError(f"the split {problem}", where=where, hint=f"parts are: {', '.join(PARTS)}")
        indices[part].append(index)
    split = Split(unit="fixed", seed=seed, **{part: tuple(some) for part, some in indices.items()})
    check_classes(manifest, split, [part for part in PARTS if part != "val" or indices["val"]])
    return split
