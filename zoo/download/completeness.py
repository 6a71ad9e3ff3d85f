"""Whether a folder holds a whole data set: as many images as its owners state, and all of them decodable."""

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

SHOWN = 12
"""Faults that are listed; the others are counted."""
BULLET = "\n  - "


def find_faults(source: Source, archive: Archive, folder: Path, progress: Reporter) -> str:
    """List what is missing, surplus or damaged, one fault a line; return an empty text for a complete data set."""
    try:
        manifest = read_manifest(source, root=folder, progress=progress)
    except DataError as error:
        faults = [str(error)]
    else:
        faults = _wrong_counts(manifest, archive) or _unreadable(manifest, folder, progress)
    return f"{BULLET}{cut_short(faults, SHOWN, separator=BULLET)}" if faults else ""


def _wrong_counts(manifest: Manifest, archive: Archive) -> list[str]:
    found = Counter((sample.label, sample.facts.get(archive.by, "unknown")) for sample in manifest.samples)
    expected = Counter({(label, value): n for label, row in archive.images.items() for value, n in row.items()})
    return [
        f"images of {label}, {archive.by} {value}: {found[label, value]:,} instead of {expected[label, value]:,}"
        for label, value in sorted({*expected, *found})
        if found[label, value] != expected[label, value]
    ]


def _unreadable(manifest: Manifest, folder: Path, progress: Reporter) -> list[str]:
    reasons = find_unreadable(manifest.samples, progress)
    return [f"{manifest.samples[index].path.relative_to(folder)}: {reason}" for index, reason in reasons.items()]
