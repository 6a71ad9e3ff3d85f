"""Identical images: all their pixels are the same, whatever the format or the metadata of their files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from zoo.data.manifest import Manifest

Sets = tuple[tuple[int, ...], ...]
"""Sets of identical images, as indices into a manifest."""


def identical_sets(contents: Sequence[bytes | None]) -> Sets:
    """Return the sets of several images with the same content; None where a content is not known."""
    by_content: defaultdict[bytes, list[int]] = defaultdict(list)
    for index, content in enumerate(contents):
        if content is not None:
            by_content[content].append(index)
    return tuple(tuple(indices) for indices in by_content.values() if len(indices) > 1)


def label_conflicts(manifest: Manifest, sets: Sets) -> Sets:
    """Return the sets of identical images with different labels."""
    return tuple(indices for indices in sets if len({manifest.samples[index].label for index in indices}) > 1)
