"""What to say about data without patients, whose images are split one by one."""

from __future__ import annotations

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
    if manifest.some_groups:
        return None
    if fact := _grouping(manifest):
        return (
            f"the patients are unknown, but each image has a {fact}, and images of one {fact} may be in several parts "
            f"of the split; name that column patient to keep them in one part, if a patient has one {fact}"
        )
    if inner := _folders_of_every_class(manifest):
        return (
            f"the folders {cut_short(manifest.classes, MAX_LISTED)} were read as the classes, but they have the same "
            f"folders: {', '.join(inner)}; if those are the classes and these the patients, list the images in a table "
            "with the columns path, label and patient (--data csv)"
        )
    return (
        "the patients are unknown; if a patient has several images, these may be in several parts of the split, and "
        "the results will be too good for new patients"
    )


def _grouping(manifest: Manifest) -> str | None:
    """Return the fact that every image has and that keeps some images together, such as its slide; None without one."""
    for fact in PARTS_OF_A_PATIENT:
        names = {sample.facts.get(fact) for sample in manifest.samples}
        if None not in names and len(names) < len(manifest.samples):
            return fact
    return None


def _folders_of_every_class(manifest: Manifest) -> Sequence[str]:
    """Return the names of the folders that the classes have, if these are few beside the classes and nearly all alike.

    So it is where patients were taken for classes. A class whose folders are patients has many, each of its own.
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
