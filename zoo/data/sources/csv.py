"""A table of images with the columns path and label, and optionally group and split; paths relative to the table.

Capital letters in the names of these columns do not count, and a column patient or patient_id is the group.
"""

from __future__ import annotations

from pathlib import Path

from zoo.data.manifest import Manifest, Sample
from zoo.data.sources.csv_rows import NAMES, NO_PATIENT, NO_VALUE, PARTS, rows_of
from zoo.errors import DataError

NEEDED = ("path", "label")
KNOWN = (*NEEDED, "group", "split")


def recognize(path: Path) -> bool:
    """Return whether the path is a table."""
    return path.is_file() and path.suffix.lower() in (".csv", ".tsv")


def read(root: Path) -> Manifest:
    """Return the manifest of a table. Every row is a sample; other columns become its facts."""
    samples: list[Sample] = []
    seen: dict[str, dict[bool, tuple[str, str]]] = {"group": {}, "split": {}}
    line_of: dict[str, str] = {}
    for cells, where in rows_of(root, needed=NEEDED, names=NAMES):
        if cells["label"].lower() in NO_VALUE:
            raise DataError(f"the cell 'label' has no value: {cells['label']!r}", where=where)
        for name, nothing in (("group", NO_PATIENT), ("split", NO_VALUE)):
            written = cells.get(name, "")
            if written.lower() in nothing:
                cells[name] = ""
            seen[name].setdefault(bool(cells.get(name)), (where, written))
            if len(seen[name]) > 1:
                empty, written = seen[name][False]
                raise DataError(
                    f"the column {name!r} is filled in some rows and empty in others"
                    + (f" ({written!r} is no value)" if written else ""),
                    where=empty,
                    hint="fill it in every row, or leave it out",
                )
        sample = _sample(root, cells, where)
        if (first := line_of.setdefault(sample.key, where)) != where:
            raise DataError(
                f"{sample.key!r} is listed twice, here and in line {first.rpartition(':')[2]}",
                where=where,
                hint="keep one row for each image",
            )
        samples.append(sample)
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
