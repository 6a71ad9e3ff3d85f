"""What to know about a data set before training on it: counts, damaged and identical images, stain, splits."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from zoo.data.file_hashes import digests
from zoo.data.inspection.image_facts import ImageFacts, read_image_facts
from zoo.data.inspection.split_preview import SplitPreview, preview_splits
from zoo.data.manifest import Manifest
from zoo.data.split.policy import SplitPolicy
from zoo.parallel import map_ordered
from zoo.progress import Reporter

TINY = 32
"""Pixels; an image with a shorter side is reported."""


@dataclass(frozen=True, kw_only=True)
class Findings:
    """The findings about a data set. Images are named by their keys."""

    name: str
    source: str
    synthetic: bool
    images: int
    patients: int | None
    by_class: Mapping[str, int]
    patients_by_class: Mapping[str, int]
    patients_with_several_classes: tuple[str, ...]
    by_fact: Mapping[str, Mapping[str, int]]
    """For each fact that the source knows, such as magnification, the number of images by value."""
    sizes: Mapping[str, int]
    formats: Mapping[str, int]
    unreadable: Mapping[str, str]
    tiny: tuple[str, ...]
    several_frames: tuple[str, ...]
    """Animations and stacks, of which only the first image is read."""
    identical_files: tuple[tuple[str, ...], ...]
    identical_across_classes: tuple[tuple[str, ...], ...]
    """Same pixels, different labels: one of the labels is wrong."""
    identical_across_patients: tuple[tuple[str, ...], ...]
    """Same pixels, different patients: a split by patient leaks through them."""
    stain: Mapping[str, Mapping[str, float]]
    """For each dye the mean optical density, and its standard deviation between images and between patients."""
    splits: tuple[SplitPreview, ...]


def inspect(manifest: Manifest, *, progress: Reporter, fractions: Sequence[float] = SplitPolicy.fractions) -> Findings:
    """Decode every image and return the findings."""
    samples = manifest.samples
    facts: list[ImageFacts] = []
    with progress.track("inspecting every image", len(samples), "images") as task:
        for found in map_ordered(len(samples), lambda index: read_image_facts(samples[index].path)):
            facts.append(found)
            task.advance()
    good = [index for index, found in enumerate(facts) if found.error is None]
    same_file = _identical(digests(len(samples), lambda index: samples[index].path, progress=progress))
    same_pixels = _identical([found.pixels or None for found in facts])
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
        by_class=manifest.counts(),
        patients_by_class={name: sum(name in found for found in owners.values()) for name in manifest.classes},
        patients_with_several_classes=tuple(sorted(name for name, found in owners.items() if len(found) > 1)),
        by_fact=_by_fact(manifest),
        sizes=_by_frequency(f"{facts[index].width}x{facts[index].height}" for index in good),
        formats=_by_frequency(f"{facts[index].format} {facts[index].mode}" for index in good),
        unreadable={samples[index].key: str(found.error) for index, found in enumerate(facts) if found.error},
        tiny=keys([index for index in good if min(facts[index].width, facts[index].height) < TINY]),
        several_frames=keys([index for index in good if facts[index].frames > 1]),
        identical_files=tuple(keys(group) for group in same_file),
        identical_across_classes=tuple(
            keys(group) for group in same_pixels if len({samples[index].label for index in group}) > 1
        ),
        identical_across_patients=tuple(
            keys(group) for group in same_pixels if len({samples[index].group for index in group}) > 1
        ),
        stain=_stain(manifest, facts, good),
        splits=preview_splits(manifest, fractions),
    )


def _identical(hashes: Sequence[Hashable]) -> list[list[int]]:
    """Return the groups of indices with the same hash, where there is more than one."""
    found: dict[Hashable, list[int]] = defaultdict(list)
    for index, value in enumerate(hashes):
        if value is not None:
            found[value].append(index)
    return [group for group in found.values() if len(group) > 1]


def _by_fact(manifest: Manifest) -> dict[str, dict[str, int]]:
    names = sorted({name for sample in manifest.samples for name in sample.facts})
    return {name: _by_frequency(sample.facts.get(name, "unknown") for sample in manifest.samples) for name in names}


def _by_frequency(values: Iterable[str]) -> dict[str, int]:
    return dict(Counter(values).most_common())


def _stain(manifest: Manifest, facts: Sequence[ImageFacts], good: Sequence[int]) -> dict[str, dict[str, float]]:
    if not good:
        return {}
    values = np.array([facts[index].stain for index in good])
    found = {}
    for column, dye in enumerate(("hematoxylin", "eosin")):
        amounts = {"mean": float(values[:, column].mean()), "between_images": float(values[:, column].std())}
        if manifest.groups:
            by_group = defaultdict(list)
            for row, index in enumerate(good):
                by_group[manifest.samples[index].group].append(values[row, column])
            amounts["between_patients"] = float(np.std([np.mean(some) for some in by_group.values()]))
        found[dye] = amounts
    return found
