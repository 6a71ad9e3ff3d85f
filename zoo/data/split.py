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
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from zoo.data.manifest import Manifest
from zoo.errors import DataError, UsageError
from zoo.files import write_text

Unit = Literal["patient", "image"]
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
    if unit == "patient" and manifest.groups is None:
        unit = "image"  # nobody can say whose images these are; the run records the unit
    train, val, test = fractions
    if not (train > 0 and val >= 0 and test > 0 and math.isfinite(train + val + test)):
        raise UsageError(
            f"fractions of train, val and test must be above 0, at least 0 and above 0, not {tuple(fractions)}"
        )
    names = manifest.groups if unit == "patient" and manifest.groups else [s.key for s in manifest.samples]
    members: dict[str, list[int]] = defaultdict(list)
    for index, name in enumerate(names):
        members[name].append(index)
    strata: dict[str, list[str]] = defaultdict(list)
    for name, indices in members.items():
        strata[_usual_label(manifest, indices)].append(name)
    parts: dict[str, list[int]] = {part: [] for part in PARTS}
    for groups in strata.values():
        for name, part in _deal(groups, members, fractions, seed).items():
            parts[part].extend(members[name])
    split = Split(unit=unit, seed=seed, **{part: tuple(sorted(indices)) for part, indices in parts.items()})
    _check_classes(manifest, split, fractions)
    return split


def _usual_label(manifest: Manifest, indices: Sequence[int]) -> str:
    labels = [manifest.samples[index].label for index in indices]
    return max(sorted(set(labels)), key=labels.count)


def _deal(
    groups: Sequence[str], members: dict[str, list[int]], fractions: Sequence[float], seed: int
) -> dict[str, str]:
    """Give each group to the part that lacks most images, and let no part go without while there are enough."""
    total = sum(len(members[name]) for name in groups)
    lacking = {part: share / sum(fractions) * total for part, share in zip(PARTS, fractions, strict=True)}
    empty = {part for part, share in zip(PARTS, fractions, strict=True) if share > 0}
    dealt: dict[str, str] = {}
    ordered = sorted(groups, key=lambda name: hashlib.sha256(f"{seed}\0{name}".encode()).digest())
    for position, name in enumerate(ordered):
        open_parts = empty if 0 < len(ordered) - position <= len(empty) else lacking.keys()
        part = max(sorted(open_parts, key=PARTS.index), key=lambda part: lacking[part])
        dealt[name] = part
        lacking[part] -= len(members[name])
        empty.discard(part)
    return dealt


def _check_classes(manifest: Manifest, split: Split, fractions: Sequence[float]) -> None:
    """No class may be missing from a part that is meant to hold images."""
    who = "patients" if split.unit == "patient" else "images"
    for part, share in zip(PARTS, fractions, strict=True):
        present = {manifest.samples[index].label for index in split.part(part)}
        for name in manifest.classes:
            if share > 0 and name not in present:
                owners = {s.group if who == "patients" else s.key for s in manifest.samples if s.label == name}
                wanted = sum(1 for fraction in fractions if fraction > 0)
                raise DataError(
                    f"no image of class {name!r} is left for {part}: it has {len(owners)} {who}, "
                    f"and a split by {split.unit} needs at least {wanted}",
                    hint="add data" + (", or split by image (--split image), which leaks" if who == "patients" else ""),
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
