"""What to say about data without patients, whose images are split one by one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from zoo.data.manifest import Manifest
from zoo.text import cut_short

PARTS_OF_A_PATIENT = ("case", "specimen", "slide")
"""Facts of an image that name a patient, or a part of one."""
MAX_LISTED = 3
"""How many folders are named."""


def unknown_patients(manifest: Manifest) -> str | None:
    """Return why a split by image may leak and how to state the patients; None if the patient of an image is known."""
    if len(manifest.without_group) < len(manifest.samples):
        return None
    if fact := _grouping(manifest):
        return (
            f"the patients are unknown, but each image has a {fact}, and images of one {fact} may be in several parts "
            f"of the split; if a patient has one {fact}, state it as the patient (in a table, as the column patient)"
        )
    if inner := _shared_folders(manifest):
        return (
            f"the folders {cut_short(manifest.classes, MAX_LISTED)} were read as the classes, and have the same "
            f"folders in them: {', '.join(inner)}; if either are patients, list the images in a table with the "
            "columns path, label and patient (--data csv)"
        )
    return (
        "the patients are unknown; if a patient has several images, these may be in several parts of the split, and "
        "the results will be too good for new patients"
    )


def _grouping(manifest: Manifest) -> str | None:
    """Return the fact that every image has and that keeps some images together, such as its slide; None without one."""
    for fact in PARTS_OF_A_PATIENT:
        for column in columns_of(manifest, fact):
            names = {sample.facts.get(column) for sample in manifest.samples}
            if None not in names and len(names) < len(manifest.samples):
                return fact
    return None


def columns_of(manifest: Manifest, fact: str) -> list[str]:
    """Return the facts of images with this name, in whatever way it is written: `Slide` and `slide_id` are slides."""
    names = {name for facts in {id(one.facts): one.facts for one in manifest.samples}.values() for name in facts}
    return sorted(name for name in names if re.sub(r"[ _-]?id$", "", name.strip().lower()) == fact)


def _shared_folders(manifest: Manifest) -> Sequence[str]:
    """Return the names of the folders in those of the classes, if they are fewer than the classes and none is alone.

    So they are where patients are read as classes: each has a folder for nearly every class.
    """
    folders: Mapping[str, set[str]] = defaultdict(set)
    for sample in manifest.samples:
        below = sample.key.split("/")
        if sample.label not in below[:-2]:
            return ()
        folders[sample.label].add(below[below.index(sample.label) + 1])
    names = set().union(*folders.values())
    common = all(sum(name in of_one for of_one in folders.values()) > 1 for name in names)
    return sorted(names) if common and 1 < len(names) < len(folders) else ()
