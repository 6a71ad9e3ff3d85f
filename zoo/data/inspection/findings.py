"""The findings about a data set: counts, unreadable and identical images, stain, possible splits."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from zoo.data.file_hashes import digests
from zoo.data.identical_images import identical_sets, label_conflicts
from zoo.data.inspection.image_facts import ImageFacts, facts_of_images, near_identical_images
from zoo.data.inspection.split_preview import SplitPreview, preview_splits
from zoo.data.manifest import Manifest
from zoo.data.split.unknown_patients import unknown_patients
from zoo.progress import Reporter

MIN_SIDE = 32
"""An image with a side of fewer pixels is reported as tiny."""


@dataclass(frozen=True, kw_only=True)
class Findings:
    """The findings about a data set. Images are named by their keys."""

    name: str
    source: str
    synthetic: bool
    images: int
    patients: int | None
    """The number of patients; None unless every image has one."""
    unknown_patients: str | None
    """Why a split by image may leak, and how to state the patients; None if the patient of an image is known."""
    without_patient: tuple[str, ...]
    """Images without a patient, if others have one."""
    patients_with_several_names: tuple[tuple[str, ...], ...]
    """The names of each patient whose name is written in several ways, such as in capital letters."""
    by_class: Mapping[str, int]
    patients_by_class: Mapping[str, int]
    patients_with_several_classes: tuple[str, ...]
    by_fact: Mapping[str, Mapping[str, int]]
    """The number of images by value of each fact, such as magnification, in the data."""
    sizes: Mapping[str, int]
    formats: Mapping[str, int]
    unreadable: Mapping[str, str]
    tiny: tuple[str, ...]
    several_frames: tuple[str, ...]
    """Animations and stacks, of which only the first image is read."""
    identical_files: tuple[tuple[str, ...], ...]
    identical_across_classes: tuple[tuple[str, ...], ...]
    """Images with the same pixels but different labels, one of which must be wrong."""
    identical_across_patients: tuple[tuple[str, ...], ...]
    """Images with the same pixels but different patients, so that a split by patient may leak."""
    near_identical: tuple[tuple[str, str], ...]
    """Pairs of images of which one is probably a copy of the other: mirrored, rotated, resized or compressed again."""
    near_identical_across_patients: tuple[tuple[str, str], ...]
    """Those of different patients."""
    blank: tuple[str, ...]
    """Images that show nearly nothing, such as empty glass, or have a side of fewer than 16 pixels; they are not
    compared, since they are all alike."""
    stain: Mapping[str, Mapping[str, float]]
    """For each dye the mean optical density, and its standard deviation between images and between patients."""
    splits: tuple[SplitPreview, ...]


def inspect(manifest: Manifest, *, fractions: tuple[float, float, float], progress: Reporter) -> Findings:
    """Decode every image and return the findings, with the parts that a split by these fractions would have."""
    samples = manifest.samples
    facts = facts_of_images(samples, progress)
    readable = [index for index, image_facts in enumerate(facts) if image_facts.error is None]
    same_file = identical_sets(digests(len(samples), lambda index: samples[index].path, progress=progress))
    contents = [image_facts.content for image_facts in facts]
    same_pixels = identical_sets(contents)
    near = near_identical_images(facts)
    near_pairs = [(pair.first, pair.second) for pair in near.pairs]
    owners: dict[str, set[str]] = defaultdict(set)
    for sample in samples:
        if sample.group is not None:
            owners[sample.group].add(sample.label)

    def keys(indices: Sequence[int]) -> tuple[str, ...]:
        return tuple(samples[index].key for index in indices)

    return Findings(
        name=manifest.name,
        source=manifest.source,
        synthetic=manifest.synthetic,
        images=len(samples),
        patients=len(owners) if manifest.groups else None,
        unknown_patients=unknown_patients(manifest),
        without_patient=tuple(sample.key for sample in manifest.without_group) if manifest.some_groups else (),
        patients_with_several_names=manifest.spellings,
        by_class=manifest.counts(),
        patients_by_class={name: sum(name in labels for labels in owners.values()) for name in manifest.classes},
        patients_with_several_classes=tuple(sorted(name for name, labels in owners.items() if len(labels) > 1)),
        by_fact=_by_fact(manifest),
        sizes=_by_frequency(f"{facts[index].width}x{facts[index].height}" for index in readable),
        formats=_by_frequency(f"{facts[index].format} {facts[index].mode}" for index in readable),
        unreadable={samples[index].key: str(image.error) for index, image in enumerate(facts) if image.error},
        tiny=keys([index for index in readable if min(facts[index].width, facts[index].height) < MIN_SIDE]),
        several_frames=keys([index for index in readable if facts[index].several_frames]),
        identical_files=tuple(keys(group) for group in same_file),
        identical_across_classes=tuple(keys(group) for group in label_conflicts(manifest, same_pixels)),
        identical_across_patients=tuple(
            keys(group) for group in same_pixels if len({samples[index].group for index in group}) > 1
        ),
        near_identical=tuple((samples[one].key, samples[other].key) for one, other in near_pairs),
        near_identical_across_patients=tuple(
            (samples[one].key, samples[other].key)
            for one, other in near_pairs
            if samples[one].group != samples[other].group
        ),
        blank=keys(near.blank),
        stain=_stain(manifest, facts, readable),
        splits=preview_splits(manifest, contents, fractions),
    )


def _by_fact(manifest: Manifest) -> dict[str, dict[str, int]]:
    """Return the number of images by fact and value."""
    names = sorted({name for sample in manifest.samples for name in sample.facts})
    return {name: _by_frequency(sample.facts.get(name, "unknown") for sample in manifest.samples) for name in names}


def _by_frequency(values: Iterable[str]) -> dict[str, int]:
    """Return how often each value occurs, the most frequent first."""
    return dict(Counter(values).most_common())


def _stain(manifest: Manifest, facts: Sequence[ImageFacts], readable: Sequence[int]) -> dict[str, dict[str, float]]:
    """Return the mean optical density of each dye, and how much it varies between images and between patients."""
    if not readable:
        return {}
    values = np.array([facts[index].stain for index in readable])
    stain = {}
    for column, dye in enumerate(("hematoxylin", "eosin")):
        amounts = {"mean": float(values[:, column].mean()), "between_images": float(values[:, column].std())}
        if manifest.groups:
            by_group = defaultdict(list)
            for row, index in enumerate(readable):
                by_group[manifest.samples[index].group].append(values[row, column])
            amounts["between_patients"] = float(np.std([np.mean(densities) for densities in by_group.values()]))
        stain[dye] = amounts
    return stain
