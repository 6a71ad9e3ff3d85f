"""Who is trained on and who is held out: by patient, or by image as the papers do it.

The order in which groups are drawn comes from a hash of the seed and their name, so that a split is the same on every
machine, whatever the order of the files or the place they lie in.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from zoo.data.manifest import Manifest
from zoo.errors import DataError, UsageError
from zoo.files import write_text

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
    split = Split(unit=unit, seed=seed, **deal(manifest, unit=unit, shares=shares, seed=seed))
    check_classes(manifest, split, [part for part in PARTS if shares[part] > 0])
    return split


def make_fold(manifest: Manifest, *, unit: Unit, folds: int, fold: int, seed: int) -> Split:
    """One turn of a cross-validation: a fold to test on, the next one to validate on, the others to train on."""
    if folds < 3 or not 0 <= fold < folds:
        raise UsageError(f"there must be at least 3 folds, and a fold from 0 to {folds - 1}, not {fold} of {folds}")
    dealt = deal(manifest, unit=unit, shares={str(number): 1.0 for number in range(folds)}, seed=seed)
    after = (fold + 1) % folds
    rest = sorted(index for name, some in dealt.items() if name not in (str(fold), str(after)) for index in some)
    split = Split(unit=unit, seed=seed, train=tuple(rest), val=dealt[str(after)], test=dealt[str(fold)])
    check_classes(manifest, split, PARTS)
    return split


def deal(manifest: Manifest, *, unit: Unit, shares: Mapping[str, float], seed: int) -> dict[str, tuple[int, ...]]:
    """Hand out whole groups, class by class: to each part the indices of its samples."""
    groups = manifest.groups
    if unit == "patient" and groups is None:
        raise DataError(
            "these data do not say which patient an image is from, so they cannot be split by patient",
            where=manifest.name,
            hint="a table with a column group can say it (--data csv); or split by image (--split image)",
        )
    names = groups if unit == "patient" and groups else [sample.key for sample in manifest.samples]
    members: dict[str, list[int]] = defaultdict(list)
    for index, name in enumerate(names):
        members[name].append(index)
    strata: dict[str, list[str]] = defaultdict(list)
    for name, indices in members.items():
        strata[_usual_label(manifest, indices)].append(name)
    parts: dict[str, list[int]] = {part: [] for part in shares}
    for some in strata.values():
        for name, part in _dealt(some, members, shares, seed).items():
            parts[part].extend(members[name])
    return {part: tuple(sorted(indices)) for part, indices in parts.items()}


def _usual_label(manifest: Manifest, indices: Sequence[int]) -> str:
    labels = [manifest.samples[index].label for index in indices]
    return max(sorted(set(labels)), key=labels.count)


def _dealt(
    groups: Sequence[str], members: Mapping[str, Sequence[int]], shares: Mapping[str, float], seed: int
) -> dict[str, str]:
    """Give each group to the part that lacks most images, and let no part go without while there are enough."""
    total = sum(len(members[name]) for name in groups)
    lacking = {part: share / sum(shares.values()) * total for part, share in shares.items()}
    empty = [part for part, share in shares.items() if share > 0]
    dealt: dict[str, str] = {}
    ordered = sorted(groups, key=lambda name: hashlib.sha256(f"{seed}\0{name}".encode()).digest())
    for position, name in enumerate(ordered):
        # the last groups go to parts that have none yet
        open_parts = empty if 0 < len(ordered) - position <= len(empty) else list(lacking)
        part = max(open_parts, key=lambda part: lacking[part])
        dealt[name] = part
        lacking[part] -= len(members[name])
        if part in empty:
            empty.remove(part)
    return dealt


def check_classes(manifest: Manifest, split: Split, parts: Sequence[str]) -> None:
    """No class may be missing from a part that is meant to hold images."""
    by_patient = split.unit == "patient"
    who = "patients" if by_patient else "images"
    for part in parts:
        present = {manifest.samples[index].label for index in split.part(part)}
        for name in manifest.classes:
            if name not in present:
                owners = {s.group if by_patient else s.key for s in manifest.samples if s.label == name}
                raise DataError(
                    f"no image of class {name!r} is left for {part}: it has {len(owners)} {who}, "
                    f"and a split by {split.unit} needs at least {len(parts)}",
                    where=manifest.name,
                    hint="add data" + (", or split by image (--split image), which leaks" if by_patient else ""),
                )


def write_split(path: Path, manifest: Manifest, split: Split) -> None:
    """Write the split as a table that can be read back or looked at."""
    part_of = {index: part for part in PARTS for index in split.part(part)}
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["key", "label", "group", "part"])
    for index, sample in enumerate(manifest.samples):
        table.writerow([sample.key, sample.label, sample.group or "", part_of[index]])
    write_text(path, text.getvalue())
