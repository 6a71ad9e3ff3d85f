"""Previews of splits: how many images and patients of each class each part would have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zoo.data.inspection.small_parts import small_parts
from zoo.data.manifest import Manifest
from zoo.data.split.leakage import Leak, find_leak
from zoo.data.split.owners import Unit
from zoo.data.split.policy import SplitPolicy, has_own_split, own_split
from zoo.data.split.split import PARTS
from zoo.errors import DataError


@dataclass(frozen=True, kw_only=True)
class SplitPreview:
    """The result of one kind of split, or the reason why it is impossible."""

    unit: Unit
    images: Mapping[str, Mapping[str, int]]
    """The number of images by part and class."""
    patients: Mapping[str, int] | None
    """The number of patients by part; None if the patients are not known."""
    leak: Leak | None
    small: tuple[str, ...] = ()
    """A sentence on each part that is too small."""
    error: str | None = None


def preview_splits(
    manifest: Manifest, contents: Sequence[bytes | None], fractions: tuple[float, float, float]
) -> tuple[SplitPreview, ...]:
    """Preview the data's own split if they have one, one by patient if patients are known, and one by image; seed 0."""
    units: list[Unit] = ["fixed"] if has_own_split(manifest) else []
    units += ["patient", "image"] if manifest.groups or manifest.some_groups else ["image"]
    return tuple(_preview(manifest, unit, contents, fractions) for unit in units)


def _preview(
    manifest: Manifest, unit: Unit, contents: Sequence[bytes | None], fractions: tuple[float, float, float]
) -> SplitPreview:
    """Return the preview of one kind of split."""
    try:
        if unit == "fixed":
            split = own_split(manifest, seed=0)
        else:
            split = SplitPolicy(how=unit, fractions=fractions).split(manifest, contents)
    except DataError as error:
        return SplitPreview(unit=unit, images={}, patients=None, leak=None, error=error.message)
    samples, groups = manifest.samples, manifest.groups
    counts = {part: Counter(samples[index].label for index in split.part(part)) for part in PARTS}
    patients = {part: len({groups[index] for index in split.part(part)}) for part in PARTS} if groups else None
    return SplitPreview(
        unit=unit,
        images={part: {name: counts[part][name] for name in manifest.classes} for part in PARTS},
        patients=patients,
        leak=find_leak(manifest, split, contents),
        small=small_parts(
            val=len(split.val), test=len(split.test), test_patients=patients["test"] if patients else None
        ),
    )
