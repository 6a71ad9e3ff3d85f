"""A table: the columns path and label, and group and split where there are any. Paths are relative to the file."""

from __future__ import annotations

import csv
from pathlib import Path

from zoo.data.manifest import Manifest, Sample
from zoo.errors import DataError

NEEDED = ("path", "label")
KNOWN = (*NEEDED, "group", "split")
PARTS = {"train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}


def recognise(path: Path) -> bool:
    """Whether the path names a table."""
    return path.is_file() and path.suffix.lower() == ".csv"


def read(root: Path) -> Manifest:
    """Every row is a sample; other columns become its facts."""
    try:
        with root.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            columns = [name.strip() for name in table.fieldnames or ()]
            missing = [name for name in NEEDED if name not in columns]
            if missing:
                raise DataError(
                    f"the table lacks the column {missing[0]!r}",
                    where=f"{root}:1",
                    hint=f"its columns are: {', '.join(columns) or 'none'}",
                )
            samples = [_sample(root, number, columns, row) for number, row in enumerate(table, start=2)]
    except UnicodeDecodeError as error:
        raise DataError("is not UTF-8 text", where=str(root)) from error
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", where=str(root)) from error
    classes = tuple(sorted({sample.label for sample in samples}))
    if len(classes) < 2:
        raise DataError(f"a table must hold at least two labels, not {len(classes)}", where=str(root))
    return Manifest(source="csv", name=root.stem, classes=classes, samples=tuple(samples))


def _sample(root: Path, number: int, columns: list[str], row: dict[str, str | None]) -> Sample:
    cells = dict(zip(columns, ((cell or "").strip() for cell in list(row.values())[: len(columns)]), strict=True))
    where = f"{root}:{number}"
    for name in NEEDED:
        if not cells[name]:
            raise DataError(f"the cell {name!r} is empty", where=where)
    facts = {name: cell for name, cell in cells.items() if name not in KNOWN and cell}
    if part := cells.get("split"):
        if part.lower() not in PARTS:
            raise DataError(f"split must be train, val or test, not {part!r}", where=where)
        facts["split"] = PARTS[part.lower()]
    path = root.parent / cells["path"]
    if not path.is_file():
        raise DataError(f"there is no file {path}", where=where)
    return Sample(
        path=path,
        key=Path(cells["path"]).as_posix(),
        label=cells["label"],
        group=cells.get("group") or None,
        facts=facts,
    )
