"""The smoke budget: one epoch on a few small images, enough to see that everything works."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import lcm
from pathlib import Path
from typing import Any

from zoo.data.manifest import Manifest
from zoo.data.split.policy import SplitPolicy
from zoo.data.split.split import Split
from zoo.data.split.split_file import write_split
from zoo.progress import Reporter
from zoo.spec import ImageSize
from zoo.training.plan import Plan

MOST_IMAGES = {"train": 16, "val": 8, "test": 40}
"""The number of images in each part."""
SMALLEST_SIDE = 32
SETTINGS: dict[str, Any] = {"epochs": 1, "batch_size": 8, "identical": "exclude"}
"""The settings that differ from those of the recipe, beside the image size."""


def smoke_side(sizes: Iterable[ImageSize]) -> int:
    """Return the smallest height and width, from 32 pixels on, that every network accepts."""
    every = list(sizes)
    step = lcm(*(size.multiple_of for size in every))
    least = max(SMALLEST_SIDE, *(size.at_least for size in every))
    return -(-least // step) * step


def write_smoke_split(path: Path, plan: Plan, progress: Reporter) -> None:
    """Write a split with few images: that of the plan, without most images of each part."""
    manifest = plan.manifest(progress)
    split = few_images(manifest, plan.split_policy)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_split(path, manifest, split)


def few_images(manifest: Manifest, policy: SplitPolicy) -> Split:
    """Return a split of a manifest by a policy, with at most MOST_IMAGES in each part.

    The order in which images are chosen is the same in every part of every split, so that the test parts of two splits
    have many images in common.
    """
    split = policy.split(manifest)
    parts = {name: _few(split.part(name), manifest, most) for name, most in MOST_IMAGES.items()}
    kept = {index for part in parts.values() for index in part}
    excluded = tuple(index for index in range(len(manifest.samples)) if index not in kept)
    return replace(split, train=parts["train"], val=parts["val"], test=parts["test"], excluded=excluded)


def _few(indices: Sequence[int], manifest: Manifest, most: int) -> tuple[int, ...]:
    """Return at most `most` images of a part, equally many of each class as far as there are."""
    of_class: dict[str, list[int]] = {name: [] for name in manifest.classes}
    for index in indices:
        of_class[manifest.samples[index].label].append(index)
    each = -(-most // len(of_class))
    return tuple(
        sorted(
            index
            for members in of_class.values()
            for index in sorted(members, key=lambda index: _order(manifest.samples[index].key))[:each]
        )
    )


def _order(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
