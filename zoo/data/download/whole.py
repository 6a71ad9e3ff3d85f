"""Whether a data set is all that its owners say it is."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from zoo.data.images import read_image
from zoo.data.manifest import Manifest, Sample
from zoo.data.source_lookup import read_manifest
from zoo.errors import DataError
from zoo.parallel import map_ordered
from zoo.progress import Reporter
from zoo.spec import Archive, Source

SHOWN = 12


def missing_images(source: Source, archive: Archive, folder: Path, progress: Reporter) -> list[str]:
    """What is missing, too much, or cannot be decoded; none where the set is whole."""
    try:
        manifest = read_manifest(source, root=folder, progress=progress)
    except DataError as error:
        return [str(error)]
    return _miscounted(manifest, archive) or _unreadable(manifest.samples, folder, progress)


def as_list(lines: list[str]) -> str:
    """One below the other, the first of many."""
    more = [f"and {len(lines) - SHOWN:,} more"] if len(lines) > SHOWN else []
    return "".join(f"\n  - {line}" for line in [*lines[:SHOWN], *more])


def _miscounted(manifest: Manifest, archive: Archive) -> list[str]:
    found = Counter((sample.label, sample.facts.get(archive.by, "unknown")) for sample in manifest.samples)
    wanted = {(label, value): count for label, row in archive.images.items() for value, count in row.items()}
    return [
        f"images of {label}, {archive.by} {value}: {found[label, value]:,} instead of {wanted.get((label, value), 0):,}"
        for label, value in sorted({*wanted, *found})
        if found[label, value] != wanted.get((label, value), 0)
    ]


def _unreadable(samples: tuple[Sample, ...], folder: Path, progress: Reporter) -> list[str]:
    def reason(index: int) -> str | None:
        path = samples[index].path
        try:
            read_image(path)
        except DataError as error:
            return f"{path.relative_to(folder)}: {error.message}"
        return None

    found = []
    with progress.track("checking that each image opens", len(samples), "images") as task:
        for wrong in map_ordered(len(samples), reason):
            task.advance()
            if wrong:
                found.append(wrong)
    return found
