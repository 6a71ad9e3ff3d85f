"""What a careful person would want to know of a data set before training on it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from zoo.data.file_hashes import digests
from zoo.data.inspection.image_facts import ImageFacts, read_image_facts
from zoo.data.inspection.split_preview import SplitPreview, preview_splits
from zoo.data.manifest import Manifest
from zoo.data.split.policy import SplitPolicy
from zoo.parallel import map_ordered
from zoo.progress import Reporter

TINY = 32
"""Pixels; an image with a shorter side shows next to nothing."""


@dataclass(frozen=True, kw_only=True)
class Findings:
    """All that was found. Images are named by their keys."""

    name: str
    source: str
    synthetic: bool
    images: int
    patients: int | None
    by_class: Mapping[str, int]
    patients_by_class: Mapping[str, int]
    patients_with_several_classes: tuple[str, ...]
    by_fact: Mapping[str, Mapping[str, int]]
    """Magnification, subtype, or whatever the source knows: value -> images."""
    sizes: Mapping[str, int]
    formats: Mapping[str, int]
    unreadable: Mapping[str, str]
    tiny: tuple[str, ...]
    several_frames: tuple[str, ...]
    """Animations and stacks, of which the first picture is read."""
    identical_files: tuple[tuple[str, ...], ...]
    identical_across_classes: tuple[tuple[str, ...], ...]
    """Same pixels, different labels: one of the labels is wrong."""
    identical_across_patients: tuple[tuple[str, ...], ...]
    """Same pixels, different patients: a split by patient leaks through them."""
    stain: Mapping[str, Mapping[str, float]]
    """For each dye the mean optical density, and how it spreads between images and between patients."""
    splits: tuple[SplitPreview, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def inspect(manifest: Manifest, *, progress: Reporter, fractions: Sequence[float] = SplitPolicy.fractions) -> Findings:
    """Open every image and read_image_facts at it."""
    samples = manifest.samples
    looks: list[ImageFacts] = []
    with progress.track("looking at every image", len(samples), "images") as task:
        for found in map_ordered(len(samples), lambda index: read_image_facts(samples[index].path)):
            looks.append(found)
            task.advance()
    good = [index for index, found in enumerate(looks) if found.error is None]
    same_file = _alike(digests(len(samples), lambda index: samples[index].path, progress=progress))
    same_pixels = _alike([found.pixels or None for found in looks])
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
        sizes=_common(f"{looks[index].width}x{looks[index].height}" for index in good),
        formats=_common(f"{looks[index].format} {looks[index].mode}" for index in good),
        unreadable={samples[index].key: str(found.error) for index, found in enumerate(looks) if found.error},
        tiny=keys([index for index in good if min(looks[index].width, looks[index].height) < TINY]),
        several_frames=keys([index for index in good if looks[index].frames > 1]),
        identical_files=tuple(keys(group) for group in same_file),
        identical_across_classes=tuple(
            keys(group) for group in same_pixels if len({samples[index].label for index in group}) > 1
        ),
        identical_across_patients=tuple(
            keys(group) for group in same_pixels if len({samples[index].group for index in group}) > 1
        ),
        stain=_stain(manifest, looks, good),
        splits=preview_splits(manifest, fractions),
    )


def _alike(marks: Sequence[Hashable]) -> list[list[int]]:
    """Indices that have the same mark, where there is more than one."""
    found: dict[Hashable, list[int]] = defaultdict(list)
    for index, mark in enumerate(marks):
        if mark is not None:
            found[mark].append(index)
    return [group for group in found.values() if len(group) > 1]


def _by_fact(manifest: Manifest) -> dict[str, dict[str, int]]:
    names = sorted({name for sample in manifest.samples for name in sample.facts})
    return {name: _common(sample.facts.get(name, "unknown") for sample in manifest.samples) for name in names}


def _common(values: Any) -> dict[str, int]:
    return dict(Counter(values).most_common())


def _stain(manifest: Manifest, looks: Sequence[ImageFacts], good: Sequence[int]) -> dict[str, dict[str, float]]:
    if not good:
        return {}
    values = np.array([looks[index].stain for index in good])
    found = {}
    for column, dye in enumerate(("haematoxylin", "eosin")):
        facts = {"mean": float(values[:, column].mean()), "between_images": float(values[:, column].std())}
        if manifest.groups:
            by_group = defaultdict(list)
            for row, index in enumerate(good):
                by_group[manifest.samples[index].group].append(values[row, column])
            facts["between_patients"] = float(np.std([np.mean(some) for some in by_group.values()]))
        found[dye] = facts
    return found
