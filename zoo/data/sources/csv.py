"""A table of images with the columns path and label, and optionally group and split; paths relative to the table."""

from __future__ import annotations

from pathlib import Path

from zoo.data.manifest import Manifest, Sample
from zoo.data.sources.csv_rows import PARTS, rows_of
from zoo.errors import DataError

NEEDED = ("path", "label")
KNOWN = (*NEEDED, "group", "split")


def recognize(path: Path) -> bool:
    """Return whether the path is a CSV file."""
    return path.is_file() and path.suffix.lower() == ".csv"


def read(root: Path) -> Manifest:
    """Return the manifest of a table. Every row is a sample; other columns become its facts."""
    samples: list[Sample] = []
    filled: dict[str, bool] = {}
    for cells, where in rows_of(root, needed=NEEDED):
        for name in set(cells) & {"group", "split"}:
            if filled.setdefault(name, bool(cells[name])) != bool(cells[name]):
                raise DataError(
                    f"the column {name!r} is filled in some rows and empty in others",
                    where=where,
                    hint="fill it in every row, or leave it out",
                )
        samples.append(_sample(root, cells, where))
    classes = tuple(sorted({sample.label for sample in samples}))
    if len(classes) < 2:
        raise DataError(f"the table needs at least two different labels, but has {len(classes)}", where=str(root))
    if not any(sample.path.exists() for sample in samples):
        windows = "; between folders they have /, not \\" if "\\" in samples[0].key else ""
        raise DataError(
            f"none of the {len(samples)} images exists; the first is {samples[0].path}",
            where=str(root),
            hint=f"paths are relative to the folder of the table{windows}",
        )
    return Manifest(source="csv", name=root.stem, classes=classes, samples=tuple(samples))


def _sample(root: Path, cells: dict[str, str], where: str) -> Sample:
    """Return the sample of one row. A missing file is reported later, with other unreadable images."""
    facts = {name: cell for name, cell in cells.items() if name and name not in KNOWN and cell}
    if part := cells.get("split"):
        if part.lower() not in PARTS:
            raise DataError(f"split must be train, val or test, not {part!r}", where=where)
        facts["split"] = PARTS[part.lower()]
    if "\0" in cells["path"]:
        raise DataError("a path cannot contain a zero byte", where=where)
    return Sample(
        path=root.parent / cells["path"],
        key=Path(cells["path"]).as_posix(),
        label=cells["label"],
        group=cells.get("group") or None,
        facts=facts,
    )
