"""Rows of a table in UTF-8 with a header, separated by commas, semicolons or tabs."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

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
"""The accepted spellings of the parts of a split."""
NAMES = MappingProxyType(
    {
        "path": "path",
        "label": "label",
        "split": "split",
        "group": "group",
        "patient": "group",
        "patient_id": "group",
        "patient id": "group",
        "patientid": "group",
    }
)
"""The columns of a table of images, in small letters, with their names; a patient's column is the group."""


NO_VALUE = frozenset({"nan", "<na>", "nat", "n/a", "#n/a"})
"""What programs write into a cell without a value, in small letters."""
NO_PATIENT = NO_VALUE | {
    "na",
    "n.a.",
    "none",
    "null",
    "-",
    "--",
    "?",
    "missing",
    "not available",
    "not known",
    "unknown",
}
"""The same, and what people write, for the column of patients; a class may have one of these names."""


def rows_of(
    table: Path, *, needed: Sequence[str], names: Mapping[str, str] = MappingProxyType({})
) -> Iterator[tuple[dict[str, str], str]]:
    """Yield every row as a dictionary of stripped cells, with its file and line number for error messages.

    Args:
        table: The file.
        needed: The columns that the table must have, filled in every row.
        names: Column names in small letters, with the names that they are read as. If two columns would be read as
            one, the later in `names` keeps its own name.
    """
    line = 0
    try:
        with table.open(encoding="utf-8-sig", newline="") as file:
            header = file.readline()
            file.seek(0)
            # strict: otherwise a quotation mark that is never closed takes all rows after it into one cell
            rows = csv.reader(file, delimiter=max(",;\t", key=header.count), strict=True)
            columns = _renamed([name.strip() for name in next(rows, [])], names)
            _check_columns(columns, needed, where=f"{table}:1")
            line = rows.line_num
            for row in rows:
                line = rows.line_num
                if not any(cell.strip() for cell in row):
                    continue
                where = f"{table}:{line}"
                if len(row) > len(columns):
                    raise DataError(
                        f"this row has {len(row)} cells for {len(columns)} columns",
                        where=where,
                        hint="put a cell that contains a comma in quotes",
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
        raise DataError(
            f"this row cannot be read: {error}",
            where=f"{table}:{line + 1}",
            hint='a cell that begins with a quotation mark ends with one, and one in its text is written twice: ""',
        ) from error
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", where=str(table)) from error


def _renamed(columns: list[str], names: Mapping[str, str]) -> list[str]:
    """Return columns with the names that they are read as."""
    for spelling, name in names.items():
        same = [column for column in columns if column.lower() == spelling]
        if len(same) == 1 and name not in columns:
            columns[columns.index(same[0])] = name
    return columns


def _check_columns(columns: Sequence[str], needed: Sequence[str], *, where: str) -> None:
    """Raise an error if a needed column is missing, or a column occurs twice."""
    for name in needed:
        if name not in columns:
            raise DataError(
                f"the table has no column {name!r}",
                where=where,
                hint=f"its columns are: {', '.join(columns) or 'none'}",
            )
    twice = {name for name in columns if columns.count(name) > 1}
    if twice:
        raise DataError(f"the table has the column {min(twice)!r} twice", where=where)
