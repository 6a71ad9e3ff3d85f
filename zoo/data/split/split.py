"""Splits into training, validation and test, by patient or by image, and folds of a cross-validation."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from zoo.data.manifest import Manifest
from zoo.data.split.stratify import stratify
from zoo.errors import DataError, UsageError

Unit = Literal["patient", "image", "fixed"]
"""The unit of a split: a patient with all images, or an image; `fixed` if the data or a file state the parts."""
PARTS = ("train", "val", "test")


@dataclass(frozen=True, kw_only=True)
class Split:
    """The samples of each part, as indices into the manifest."""

    unit: Unit
    seed: int
    train: tuple[int, ...]
    val: tuple[int, ...]
    test: tuple[int, ...]

    def part(self, name: str) -> tuple[int, ...]:
        """Return the indices of the part `train`, `val` or `test`."""
        return {"train": self.train, "val": self.val, "test": self.test}[name]


def make_split(manifest: Manifest, *, unit: Unit, fractions: Sequence[float], seed: int) -> Split:
    """Split into parts of the given shares, each class in the same proportions as far as whole patients allow."""
    train, val, test = fractions
    if not (train > 0 and val >= 0 and test > 0 and math.isfinite(train + val + test)):
        raise UsageError(
            f"the fractions of train and test must be above 0 and that of val at least 0, not {tuple(fractions)}"
        )
    shares = dict(zip(PARTS, fractions, strict=True))
    split = Split(unit=unit, seed=seed, **_divide(manifest, unit=unit, shares=shares, seed=seed))
    check_classes(manifest, split, [part for part in PARTS if shares[part] > 0])
    return split


def make_fold(manifest: Manifest, *, unit: Unit, folds: int, fold: int, seed: int) -> Split:
    """Return one split of a cross-validation: a fold is the test part, the next one validates, the others train."""
    if folds < 3 or not 0 <= fold < folds:
        raise UsageError(
            f"cross-validation needs at least 3 folds, and a fold from 0 to {folds - 1}, not fold {fold} of {folds}"
        )
    owners = _owners(manifest, unit)
    if folds > (units := len(set(owners))):
        whole = "patients" if unit == "patient" else "images"
        raise DataError(f"{units} {whole} cannot be divided into {folds} folds", where=manifest.name)
    indices = _divide(manifest, unit=unit, shares={str(number): 1.0 for number in range(folds)}, seed=seed)
    after = (fold + 1) % folds
    train = sorted(index for name, part in indices.items() if name not in (str(fold), str(after)) for index in part)
    split = Split(unit=unit, seed=seed, train=tuple(train), val=indices[str(after)], test=indices[str(fold)])
    check_classes(manifest, split, PARTS)
    return split


def _divide(manifest: Manifest, *, unit: Unit, shares: Mapping[str, float], seed: int) -> dict[str, tuple[int, ...]]:
    """Return the indices of each part, with patients or images as units."""
    return stratify(_owners(manifest, unit), manifest.labels, shares=shares, seed=seed)


def _owners(manifest: Manifest, unit: Unit) -> Sequence[str]:
    """Return the patient of each image; or the key of the image, if images are the units."""
    groups = manifest.groups
    if unit == "patient" and groups is None:
        raise DataError(
            "the patients of these images are unknown, so they cannot be split by patient",
            where=manifest.name,
            hint="state the patient of each image in a table with a column group (--data csv), or use --split image",
        )
    return groups if unit == "patient" and groups else [sample.key for sample in manifest.samples]


def check_classes(manifest: Manifest, split: Split, parts: Sequence[str]) -> None:
    """Raise an error if a class is missing from one of these parts; the error says why, and what to do."""
    for part in parts:
        present = {manifest.samples[index].label for index in split.part(part)}
        for name in manifest.classes:
            if name not in present:
                raise DataError(
                    f"the {part} part has no image of class {name!r}: {_reason(manifest, split, name, len(parts))}",
                    where=manifest.name,
                    hint=_remedies(split, parts),
                )


def _reason(manifest: Manifest, split: Split, name: str, parts: int) -> str:
    """Return why a class is missing from a part."""
    if split.unit == "fixed":
        return "the split that is given by the data or a file has none"
    by_patient = split.unit == "patient"
    owners = {sample.group if by_patient else sample.key for sample in manifest.samples if sample.label == name}
    return (
        f"the class has {len(owners)} {'patients' if by_patient else 'images'}, "
        f"and a split by {split.unit} needs at least {parts}"
    )


def _remedies(split: Split, parts: Sequence[str]) -> str:
    """Return what to do if a class is missing from a part."""
    if split.unit == "fixed":
        return "put images of every class into each part, or split otherwise (--split patient or --split image)"
    remedies = ["add data"]
    if len(parts) == len(PARTS):
        remedies.append("train without validation (--fractions 0.7,0,0.3 --select last)")
    if split.unit == "patient":
        remedies.append("split by image (--split image), which leaks")
    return "; or ".join(remedies)
