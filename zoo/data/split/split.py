"""Splits into training, validation and test, by patient or by image, and folds of a cross-validation."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from zoo.config.recipe import ROUNDING
from zoo.data.identical_images import Sets
from zoo.data.manifest import Manifest
from zoo.data.split.owners import Unit, owners_of
from zoo.data.split.stratify import stratify
from zoo.errors import DataError, UsageError
from zoo.text import counted

PARTS = ("train", "val", "test")


@dataclass(frozen=True, kw_only=True)
class Split:
    """The samples of each part, as indices into the manifest."""

    unit: Unit
    seed: int
    train: tuple[int, ...]
    val: tuple[int, ...]
    test: tuple[int, ...]
    excluded: tuple[int, ...] = ()
    """Images in no part, such as copies of test images."""
    joined: int = 0
    """The number of patients, or of images, that were kept together with others because of identical images."""

    def part_of(self) -> dict[int, str]:
        """Return the part of each image by its index; images in no part are left out."""
        return {index: part for part in PARTS for index in self.part(part)}

    def part(self, name: str) -> tuple[int, ...]:
        """Return the indices of the part `train`, `val` or `test`."""
        return {"train": self.train, "val": self.val, "test": self.test}[name]


def make_split(manifest: Manifest, *, unit: Unit, fractions: Sequence[float], seed: int, sets: Sets = ()) -> Split:
    """Split into parts of the given shares, each class in the same proportions as far as whole patients allow.

    Args:
        manifest: The images.
        unit: `patient` to keep the images of a patient in one part, or `image`.
        fractions: The shares of the training, validation and test parts.
        seed: Another seed gives another split.
        sets: Sets of identical images to keep in one part, with their patients; blank ones are not kept together.
    """
    train, val, test = fractions
    if not (train > 0 and val >= 0 and test > 0 and math.isfinite(train + val + test)):
        raise UsageError(
            f"the fractions of train and test must be above 0 and that of val at least 0, not {tuple(fractions)}"
        )
    whole = all(float(fraction).is_integer() for fraction in fractions)  # such as 6, 1, 3
    if not whole and abs(train + val + test - 1) > ROUNDING:
        raise UsageError(f"the fractions must add up to 1, not {train + val + test:g}: {tuple(fractions)}")
    shares = dict(zip(PARTS, fractions, strict=True))
    owners = owners_of(manifest, unit, sets)
    parts = stratify(owners.names, manifest.labels, shares=shares, seed=seed)
    split = Split(unit=unit, seed=seed, joined=owners.joined, **parts)
    check_classes(manifest, split, [part for part in PARTS if shares[part] > 0])
    return split


def make_fold(manifest: Manifest, *, unit: Unit, folds: int, fold: int, seed: int, sets: Sets = ()) -> Split:
    """Return one split of a cross-validation: a fold is the test part, the next one validates, the others train.

    Args:
        manifest: The images.
        unit: `patient` to keep the images of a patient in one fold, or `image`.
        folds: The number of folds.
        fold: The fold that is the test part, counted from 0.
        seed: Another seed gives other folds.
        sets: Sets of identical images to keep in one fold, with their patients; blank ones are not kept together.
    """
    if folds < 3 or not 0 <= fold < folds:
        raise UsageError(
            f"cross-validation needs at least 3 folds, and a fold from 0 to {folds - 1}, not fold {fold} of {folds}"
        )
    owners = owners_of(manifest, unit, sets)
    if folds > (units := len(set(owners.names))):
        whole = "patients" if unit == "patient" else "images"
        raise DataError(f"{units} {whole} cannot be divided into {folds} folds", where=manifest.name)
    _check_folds(manifest, owners.names, unit=unit, folds=folds)
    shares = {str(number): 1.0 for number in range(folds)}
    indices = stratify(owners.names, manifest.labels, shares=shares, seed=seed)
    _check_divided(manifest, indices, unit=unit)
    after = (fold + 1) % folds
    train = sorted(index for name, part in indices.items() if name not in (str(fold), str(after)) for index in part)
    split = Split(
        unit=unit,
        seed=seed,
        joined=owners.joined,
        train=tuple(train),
        val=indices[str(after)],
        test=indices[str(fold)],
    )
    check_classes(manifest, split, PARTS)
    return split


def _check_folds(manifest: Manifest, owners: Sequence[str], *, unit: Unit, folds: int) -> None:
    """Raise a DataError if not every fold can have images of every class, whichever fold is asked for."""
    owners_of_class: dict[str, set[str]] = {name: set() for name in manifest.classes}
    for owner, sample in zip(owners, manifest.samples, strict=True):
        owners_of_class[sample.label].add(owner)
    for name, of_class in owners_of_class.items():
        if len(of_class) < folds:
            fewer = len(of_class) >= len(PARTS)
            raise DataError(
                f"the class {name!r} has {_counted(len(of_class), unit)}, too few for {folds} folds",
                where=manifest.name,
                hint=f"--folds {len(of_class)} is possible" if fewer else _more_data(len(of_class)),
            )


def _check_divided(manifest: Manifest, indices: Mapping[str, Sequence[int]], *, unit: Unit) -> None:
    """Raise a DataError if a fold was left without a class, whichever fold is asked for."""
    for members in indices.values():
        if len({manifest.samples[index].label for index in members}) < len(manifest.classes):
            raise DataError(
                f"there is no way to divide {_whole(unit)} into {len(indices)} folds that all have every class",
                where=manifest.name,
                hint="use fewer folds",
            )


def check_classes(manifest: Manifest, split: Split, parts: Sequence[str]) -> None:
    """Raise an error if a class is missing from one of these parts; the error says why, and what to do."""
    for part in parts:
        present = {manifest.samples[index].label for index in split.part(part)}
        for name in manifest.classes:
            if name not in present:
                reason = _reason(manifest, split.unit, name, len(parts))
                raise DataError(
                    f"the {part} part has no image of class {name!r}: {reason}",
                    where=manifest.name,
                    hint=_remedies(manifest, split, name, parts),
                )


def _reason(
    manifest: Manifest,
    unit: Unit,
    name: str,
    parts: int,
) -> str:
    """Return why a class is missing from a part."""
    if unit == "fixed":
        return "the split that is given by the data or a file has none"
    units = _units(manifest, unit, name)
    if units >= parts:
        return f"there is no way to divide {_whole(unit)} so that every part has every class"
    return f"the class has {_counted(units, unit)}, and a split by {unit} needs at least {parts}"


def _remedies(manifest: Manifest, split: Split, name: str, parts: Sequence[str]) -> str:
    """Return what helps if a class is missing from a part."""
    units, images = _units(manifest, split.unit, name), _units(manifest, "image", name)
    if split.unit == "fixed":
        other = " or split otherwise (--split patient or --split image)" if images >= len(parts) else ""
        return f"put images of every class into each part,{other}".rstrip(",")
    remedies = [_more_data(units)]
    if len(parts) == len(PARTS) and units >= len(PARTS) - 1:
        remedies.append("train without validation (--fractions 0.7,0,0.3 --select last)")
    if split.unit == "patient" and images >= len(parts):
        remedies.append("split by image (--split image), which leaks")
    return "; or ".join(remedies)


def _more_data(units: int) -> str:
    return "add data" if units else "add images of this class, or leave the class out"


def _units(manifest: Manifest, unit: Unit, name: str) -> int:
    """Return how many patients a class has, or how many images."""
    by_patient = unit == "patient"
    return len({sample.group if by_patient else sample.key for sample in manifest.samples if sample.label == name})


def _whole(unit: Unit) -> str:
    """Return what is kept in one part."""
    return "whole patients, and those that share an identical image," if unit == "patient" else "identical images"


def _counted(units: int, unit: Unit) -> str:
    """Return a number of patients or images as text."""
    return counted(units, "patient" if unit == "patient" else "image")
