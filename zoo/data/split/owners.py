"""The owner of each image: what a split keeps in one part, such as a patient, or patients that share an image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from zoo.data.blank import is_blank
from zoo.data.identical_images import Sets
from zoo.data.images import read_image
from zoo.data.manifest import Manifest
from zoo.errors import DataError
from zoo.text import cut_short

Unit = Literal["patient", "image", "fixed"]
"""The unit of a split: a patient with all images, or an image; `fixed` if the data or a file state the parts."""
MAX_LISTED = 6
"""How many images an error lists."""


@dataclass(frozen=True, kw_only=True)
class Owners:
    """The owner of each image."""

    names: Sequence[str]
    joined: int
    """The number of patients, or of images, that share an owner with others because of identical images."""


def owners_of(manifest: Manifest, unit: Unit, sets: Sets = ()) -> Owners:
    """Return the owner of each image.

    Args:
        manifest: The images.
        unit: The owner is the patient, or for `image` the image itself.
        sets: Sets of identical images, which have one owner: two patients with the same image are treated as one.
    """
    names = _patients(manifest) if unit == "patient" else [sample.key for sample in manifest.samples]
    return _joined(manifest, names, sets)


def _patients(manifest: Manifest) -> Sequence[str]:
    """Return the patient of each image, or raise an error if some or all have none."""
    groups = manifest.groups
    if groups is not None:
        return groups
    if manifest.some_groups:
        without = [repr(sample.key) for sample in manifest.without_group]
        has = "has" if len(without) == 1 else "have"
        raise DataError(
            f"{len(without)} of {len(manifest.samples)} images {has} no patient, so they cannot be split by patient: "
            f"{cut_short(without, MAX_LISTED)}",
            where=manifest.name,
            hint="state the patient of every image, or leave these images out; --split image leaks",
        )
    raise DataError(
        "the patients of these images are unknown, so they cannot be split by patient",
        where=manifest.name,
        hint="state the patient of each image in a table with a column group (--data csv), or use --split image",
    )


def _joined(manifest: Manifest, names: Sequence[str], sets: Sets) -> Owners:
    """Give one name, the first of the alphabet, to all owners that share an image.

    A blank image, such as empty glass, does not make two owners one: many patients have the same.
    """
    parent: dict[str, str] = {}

    def first(name: str) -> str:
        while name in parent:
            name = parent[name]
        return name

    for indices in sets:
        owners = sorted({first(names[index]) for index in indices})
        if len(owners) > 1 and not is_blank(read_image(manifest.samples[indices[0]].path)):
            parent |= dict.fromkeys(owners[1:], owners[0])
    if not parent:
        return Owners(names=names, joined=0)
    return Owners(names=[first(name) for name in names], joined=len({*parent, *parent.values()}))
