"""Reading a table with a row of column names: separated by commas, semicolons or tabs, in UTF-8."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from zoo.errors import DataError

PARTS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "test": "test",
    "testing": "test",
}
"""How the parts of a split are spelled."""


def rows_of(table: Path, *, needed: Sequence[str]) -> Iterator[tuple[dict[str, str], str]]:
    """Every row by its columns' names, without what stands around the cells; and where it stands, for an error."""
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            header = file.readline()
            file.seek(0)
            rows = csv.reader(file, delimiter=max(",;\t", key=header.count))
            columns = [name.strip() for name in next(rows, [])]
            _check_columns(columns, needed, where=f"{table}:1")
            for row in rows:
                if not any(cell.strip() for cell in row):
                    continue
                where = f"{table}:{rows.line_num}"
                if len(row) > len(columns):
                    raise DataError(
                        f"this row has {len(row)} cells for {len(columns)} columns",
                        where=where,
                        hint="a cell that holds a comma stands in quotes",
                    )
                cells = dict.fromkeys(columns, "") | {
                    name: cell.strip() for name, cell in zip(columns, row, strict=False)
                }
                for name in needed:
                    if not cells[name]:
                        raise DataError(f"the cell {name!r} is empty", where=where)
                yield cells, where
    except UnicodeDecodeError as error:
        raise DataError("is not UTF-8 text", where=str(table), hint="save it as CSV UTF-8") from error
    except csv.Error as error:
        raise DataError(f"is not a table: {error}", where=str(table)) from error
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", where=str(table)) from error


def _check_columns(columns: Sequence[str], needed: Sequence[str], *, where: str) -> None:
    for name in needed:
        if name not in columns:
            raise DataError(
                f"the table lacks the column {name!r}",
                where=where,
                hint=f"its columns are: {', '.join(columns) or 'none'}",
            )
    twice = {name for name in columns if columns.count(name) > 1}
    if twice:
        raise DataError(f"the table has the column {min(twice)!r} twice", where=where)
