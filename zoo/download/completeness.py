"""Checks that a data set is complete: it has as many images as its owners state, and all can be decoded."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from zoo.data.manifest import Manifest
from zoo.data.pixels.stream import find_unreadable
from zoo.data.source_lookup import read_manifest
from zoo.errors import DataError
from zoo.progress import Reporter
from zoo.spec import Archive, Source
from zoo.text import cut_short

MAX_LISTED = 10
"""How many faults are listed; the others are counted."""
BULLET = "\n  - "


def find_faults(source: Source, archive: Archive, folder: Path, progress: Reporter) -> str:
    """Return a list of missing, surplus or damaged images, one per line; empty for a complete data set."""
    try:
        manifest = read_manifest(source, root=folder, progress=progress)
    except DataError as error:
        faults = [str(error)]
    else:
        faults = _wrong_counts(manifest, archive) or _unreadable(manifest, folder, progress)
    return f"{BULLET}{cut_short(faults, MAX_LISTED, separator=BULLET)}" if faults else ""


def _wrong_counts(manifest: Manifest, archive: Archive) -> list[str]:
    """Return a line for each class and value with a wrong number of images."""
    counts = Counter((sample.label, sample.facts.get(archive.by, "unknown")) for sample in manifest.samples)
    expected = Counter({(label, value): n for label, row in archive.images.items() for value, n in row.items()})
    return [
        f"images of {label}, {archive.by} {value}: {counts[label, value]:,} instead of {expected[label, value]:,}"
        for label, value in sorted({*expected, *counts})
        if counts[label, value] != expected[label, value]
    ]


def _unreadable(manifest: Manifest, folder: Path, progress: Reporter) -> list[str]:
    """Return a line for each image that cannot be decoded."""
    reasons = find_unreadable(manifest.samples, progress)
    return [f"{manifest.samples[index].path.relative_to(folder)}: {reason}" for index, reason in reasons.items()]
