"""Who is trained on and who is held out: by patient, or by image as the papers do it."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from zoo.data.manifest import Manifest
from zoo.data.split.stratify import stratify
from zoo.errors import DataError, UsageError
from zoo.files import atomic_file

Unit = Literal["patient", "image", "fixed"]
"""What is kept whole: all images of a patient, or each by itself; or somebody else decided."""
PARTS = ("train", "val", "test")


@dataclass(frozen=True, kw_only=True)
class Split:
    """Which sample goes where: indices into the manifest."""

    unit: Unit
    seed: int
    train: tuple[int, ...]
    val: tuple[int, ...]
    test: tuple[int, ...]

    def part(self, name: str) -> tuple[int, ...]:
        """The indices of one part."""
        return {"train": self.train, "val": self.val, "test": self.test}[name]


def make_split(manifest: Manifest, *, unit: Unit, fractions: Sequence[float], seed: int) -> Split:
    """Divide the samples, each class in the same proportions as far as whole groups allow."""
    train, val, test = fractions
    if not (train > 0 and val >= 0 and test > 0 and math.isfinite(train + val + test)):
        raise UsageError(
            f"fractions of train, val and test must be above 0, at least 0 and above 0, not {tuple(fractions)}"
        )
    shares = dict(zip(PARTS, fractions, strict=True))
    split = Split(unit=unit, seed=seed, **_dealt(manifest, unit=unit, shares=shares, seed=seed))
    check_classes(manifest, split, [part for part in PARTS if shares[part] > 0])
    return split


def make_fold(manifest: Manifest, *, unit: Unit, folds: int, fold: int, seed: int) -> Split:
    """One turn of a cross-validation: a fold to test on, the next one to validate on, the others to train on."""
    if folds < 3 or not 0 <= fold < folds:
        raise UsageError(f"there must be at least 3 folds, and a fold from 0 to {folds - 1}, not {fold} of {folds}")
    dealt = _dealt(manifest, unit=unit, shares={str(number): 1.0 for number in range(folds)}, seed=seed)
    after = (fold + 1) % folds
    rest = sorted(index for name, some in dealt.items() if name not in (str(fold), str(after)) for index in some)
    split = Split(unit=unit, seed=seed, train=tuple(rest), val=dealt[str(after)], test=dealt[str(fold)])
    check_classes(manifest, split, PARTS)
    return split


def _dealt(manifest: Manifest, *, unit: Unit, shares: Mapping[str, float], seed: int) -> dict[str, tuple[int, ...]]:
    """Hand out patients, or images."""
    groups = manifest.groups
    if unit == "patient" and groups is None:
        raise DataError(
            "these data do not say which patient an image is from, so they cannot be split by patient",
            where=manifest.name,
            hint="a table with a column group can say it (--data csv); or split by image (--split image)",
        )
    owners = groups if unit == "patient" and groups else [sample.key for sample in manifest.samples]
    return stratify(owners, manifest.labels, shares=shares, seed=seed)


def check_classes(manifest: Manifest, split: Split, parts: Sequence[str]) -> None:
    """No class may be missing from a part that is meant to hold images."""
    for part in parts:
        present = {manifest.samples[index].label for index in split.part(part)}
        for name in manifest.classes:
            if name not in present:
                raise DataError(
                    f"no image of class {name!r} is left for {part}: {_why(manifest, split, name, len(parts))}",
                    where=manifest.name,
                    hint=_way_out(split, parts),
                )


def _why(manifest: Manifest, split: Split, name: str, parts: int) -> str:
    if split.unit == "fixed":
        return "the split that the data or a file give puts none there"
    by_patient = split.unit == "patient"
    owners = {sample.group if by_patient else sample.key for sample in manifest.samples if sample.label == name}
    return (
        f"it has {len(owners)} {'patients' if by_patient else 'images'}, "
        f"and a split by {split.unit} needs at least {parts}"
    )


def _way_out(split: Split, parts: Sequence[str]) -> str:
    if split.unit == "fixed":
        return "put images of every class into each part, or let the zoo split (--split patient or --split image)"
    ways = ["add data"]
    if len(parts) == len(PARTS):
        ways.append("do without validation (--fractions 0.7,0,0.3 --select last)")
    if split.unit == "patient":
        ways.append("split by image (--split image), which leaks")
    return "; or ".join(ways)


def write_split(path: Path, manifest: Manifest, split: Split) -> None:
    """Write the split as a table that can be read back or looked at."""
    part_of = [""] * len(manifest.samples)
    for part in PARTS:
        for index in split.part(part):
            part_of[index] = part
    with atomic_file(path) as unfinished, unfinished.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["key", "label", "group", "part"])
        for sample, part in zip(manifest.samples, part_of, strict=True):
            table.writerow([sample.key, sample.label, sample.group or "", part])
