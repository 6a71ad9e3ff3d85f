"""A split as it is published: the name, the label and the sha256 of each image with its part, and no images.

It can be given to `zoo benchmark --splits` and to `zoo train --split-file`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from zoo.data.file_hashes import digests
from zoo.data.manifest import Manifest
from zoo.data.sources.csv_rows import rows_of
from zoo.data.split.split_file import EXCLUDED, stated_parts
from zoo.errors import DataError
from zoo.files import write_csv
from zoo.progress import Reporter
from zoo.text import cut_short

COLUMNS = ("key", "label", "sha256")
MOST_NAMED = 3


def publish_split(
    path: Path, manifest: Manifest, part_of: Mapping[str, str], progress: Reporter, *, column: str = "part"
) -> None:
    """Write the published split.

    Args:
        path: The file.
        manifest: The images.
        part_of: The part of each image by its name; an image without one is in no part.
        progress: Shows progress.
        column: The name of the column: `part`, or `fold` for the fold of a cross-validation that tests an image.
    """
    hashes = digests(len(manifest.samples), lambda index: manifest.samples[index].path, progress=progress)
    rows = (
        [sample.key, sample.label, digest.hex() if digest else "", part_of.get(sample.key, EXCLUDED)]
        for sample, digest in zip(manifest.samples, hashes, strict=True)
    )
    write_csv(path, [*COLUMNS, column], rows)


def published_parts(path: Path, manifest: Manifest, progress: Reporter) -> dict[str, str]:
    """Return the part of each image of a published split; raise a DataError unless all are there and unchanged.

    One is also raised if an image is in two parts.

    Args:
        path: The file.
        manifest: The images; those that the split does not name are in no part.
        progress: Shows progress.
    """
    rows = [cells for cells, _ in rows_of(path, needed=("key", "part"))]
    stated_parts(path)  # none is in two
    known = {sample.key: sample for sample in manifest.samples}
    wanted = [cells for cells in rows if cells["part"] != EXCLUDED]
    if missing := [cells["key"] for cells in wanted if cells["key"] not in known]:
        raise _other_data(path, f"{len(missing):,} of its {len(wanted):,} images are missing from the data", missing)
    hashes = digests(len(wanted), lambda index: known[wanted[index]["key"]].path, progress=progress)
    changed = [
        cells["key"]
        for cells, digest in zip(wanted, hashes, strict=True)
        if (stated := cells.get("sha256")) and (digest is None or digest.hex() != stated)
    ]
    if changed:
        raise _other_data(path, f"{len(changed):,} of its {len(wanted):,} images are other files in the data", changed)
    return {cells["key"]: cells["part"] for cells in wanted}


def _other_data(path: Path, problem: str, names: Sequence[str]) -> DataError:
    """Return the error for a split that is of other data."""
    named = cut_short([repr(name) for name in names], MOST_NAMED)
    return DataError(f"{problem}: {named}", where=str(path), hint="the split is of another copy or version of the data")
