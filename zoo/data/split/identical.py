"""Identical images in several parts of a split: left out, refused, or counted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from zoo.data.identical_images import Sets, label_conflicts
from zoo.data.manifest import Manifest
from zoo.data.split.split import PARTS, Split, check_classes
from zoo.errors import DataError
from zoo.text import cut_short

Identical = Literal["together", "exclude", "allow"]
"""What a split does with identical images: see the setting `identical` of a recipe."""
MAX_LISTED = 3
"""How many sets of identical images an error lists."""


@dataclass(frozen=True, kw_only=True)
class IdenticalImages:
    """The identical images of a data set, and what the split did with them."""

    images: int
    """The number of images that are identical to another one."""
    different: int
    """The number of different images among them."""
    conflicts: int
    """How many of these have copies with different labels, of which all but one must be wrong."""
    joined: int
    """The number of patients that were treated as one with another patient, since they share an image."""
    excluded: int
    """The number of images that were left out, since they are copies of test or validation images."""


def describe_identical(manifest: Manifest, split: Split, sets: Sets) -> IdenticalImages | None:
    """Return the numbers of identical images; None if no image occurs twice."""
    if not sets:
        return None
    return IdenticalImages(
        images=sum(map(len, sets)),
        different=len(sets),
        conflicts=len(label_conflicts(manifest, sets)),
        joined=split.joined if split.unit == "patient" else 0,
        excluded=len(split.excluded),
    )


def identical_messages(manifest: Manifest, split: Split, sets: Sets) -> list[str]:
    """Return what to tell before training about identical images: what was done with them, and contradicting labels."""
    found = describe_identical(manifest, split, sets)
    if found is None:
        return []
    message = f"identical images: {found.images}, of {found.different} different ones"
    if found.joined:
        message += f"; patients that share an image are in the same part ({found.joined})"
    elif split.joined:
        message += "; they are in the same part"
    if split.excluded:
        message += f"; copies of test or validation images are left out of training ({len(split.excluded)})"
    conflicts = label_conflicts(manifest, sets)
    if not conflicts:
        return [message]
    samples = manifest.samples
    lines = [" = ".join(f"{samples[index].key!r} ({samples[index].label})" for index in one[:4]) for one in conflicts]
    return [
        message,
        f"identical images with different labels, which cannot all be right: {len(conflicts)}\n  "
        + cut_short(lines, MAX_LISTED, separator="\n  "),
    ]


def sets_apart(split: Split, sets: Sets) -> Sets:
    """Return the sets of identical images that are in several parts."""
    part_of = split.part_of()
    return tuple(indices for indices in sets if len({part_of[index] for index in indices if index in part_of}) > 1)


def without_copies(manifest: Manifest, split: Split, sets: Sets) -> Split:
    """Return the split without copies in other parts: test images are kept, then validation images."""
    part_of = split.part_of()
    excluded: set[int] = set()
    for indices in sets_apart(split, sets):
        parts = {part_of[index] for index in indices if index in part_of}
        kept = max(parts, key=PARTS.index)
        excluded |= {index for index in indices if part_of.get(index, kept) != kept}
    if not excluded:
        return split
    left = {part: tuple(index for index in split.part(part) if index not in excluded) for part in PARTS}
    out = tuple(sorted({*split.excluded, *excluded}))
    smaller = replace(split, train=left["train"], val=left["val"], test=left["test"], excluded=out)
    check_classes(manifest, smaller, [part for part in PARTS if split.part(part)])
    return smaller


def refuse_apart(manifest: Manifest, split: Split, sets: Sets, *, where: str) -> None:
    """Raise an error if a given split has identical images in several parts."""
    apart = sets_apart(split, sets)
    if not apart:
        return
    part_of = split.part_of()
    present = {part_of[index] for indices in apart for index in indices if index in part_of}
    parts = " and ".join(part for part in PARTS if part in present)
    examples = [
        " = ".join(f"{manifest.samples[index].key!r} ({part_of[index]})" for index in indices[:4] if index in part_of)
        for indices in apart
    ]
    raise DataError(
        f"identical images are in several parts of this split ({parts}): {len(apart)}\n  "
        + cut_short(examples, MAX_LISTED, separator="\n  "),
        where=where,
        hint="--identical exclude leaves copies of test images out of training; --identical allow keeps them, and the "
        "results are marked as leaked",
    )
