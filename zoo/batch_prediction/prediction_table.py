"""A table of predictions in a CSV or Parquet file, written row by row, that an interrupted prediction continues.

While it is written, the rows are in a hidden file beside the final one, with a second file that says what is predicted
and how much of the first was complete when it was last saved. Starting the same prediction again continues there.
"""

from __future__ import annotations

import csv
import io
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from zoo.batch_prediction.parquet import csv_to_parquet
from zoo.batch_prediction.predict import ImagePrediction
from zoo.data.manifest import printable
from zoo.errors import UsageError
from zoo.files import read_json, refuse_existing, write_json
from zoo.locks import locked_or

SAVE_EVERY = 5.0
"""Seconds between two points at which a table can be continued."""
HINT = "choose a new file"
_MAX_FACTS = 1 << 20
_COUNTS = ("rows", "failed", "stacks")


class PredictionTable:
    """The rows of one process: a share of all images, or all of them.

    Args:
        path: The final file, which must not exist yet.
        facts: What is predicted: models, images, options. A table with other facts is not continued.
        classes: The names of the classes.
        columns: Further columns: `possible`, `novelty` and `unlike_training`.
        rank: The number of this process.
        processes: How many processes write one table together.
        parquet: Whether the final file is Parquet.
    """

    def __init__(
        self,
        path: Path,
        *,
        facts: dict[str, Any],
        classes: Sequence[str],
        columns: Sequence[str] = (),
        rank: int = 0,
        processes: int = 1,
        parquet: bool = False,
    ) -> None:
        """Prepare the table.

        Args:
            path: The final file.
            facts: What is predicted: a table with other facts is not continued.
            classes: The names of the classes.
            columns: Further columns.
            rank: The number of this process.
            processes: How many processes there are.
            parquet: Whether the final file is Parquet. Its texts are UTF-8, so other bytes in file names are escaped;
                in CSV they are written as they are.
        """
        self._parquet = parquet
        self.path, self._classes, self._processes = path, tuple(classes), processes
        self._columns = tuple(columns)
        kind = "Parquet" if parquet else "CSV"
        self._facts = {**facts, "format": kind, "classes": list(classes), "processes": processes}
        self._part, self._state = part_files(path, rank)
        self.rows = 0
        """How many rows are complete: those that a continued table had, and those written since."""
        self.failed = 0
        """How many of the rows hold an error."""
        self.stacks = 0
        """Of how many files only the first of several pages was predicted."""
        self._finished = False

    @contextmanager
    def open(self) -> Iterator[PredictionTable]:
        """Open the table, with the rows that are complete; save what is complete when the block ends in any way."""
        busy = UsageError("another process is writing this table", where=str(self.path))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with locked_or(self._state.with_suffix(".lock"), busy):
            refuse_existing(self.path, hint=HINT)
            complete = self._complete_bytes()
            with self._part.open("r+b" if complete else "wb") as self._file:
                self._file.truncate(complete)
                self._file.seek(complete)
                self._saved = time.monotonic()
                try:
                    yield self
                finally:
                    if not self._finished:
                        self.save()

    def add(self, row: ImagePrediction) -> None:
        """Write the row of one image."""
        values = row.prediction.probabilities if row.prediction else {}
        cells = [f"{values[name]:.9g}" if values else "" for name in self._classes]
        label = row.prediction.label if row.prediction else ""
        more = [_cell(row, name) for name in self._columns]
        path, error = (printable(cell) if self._parquet else cell for cell in (os.fspath(row.path), row.error))
        self._file.write(_row([path, label, *cells, *more, error]))
        self.rows += 1
        self.failed += row.prediction is None
        self.stacks += row.only_first
        if time.monotonic() - self._saved >= SAVE_EVERY:
            self.save()

    def finish(self) -> None:
        """Join the rows and the counts of all processes, into the final file and into this table.

        One process calls this inside its `open`, when all have saved their rows.
        """
        refuse_existing(self.path, hint=HINT)
        columns = ["path", "predicted", *(f"p_{name}" for name in self._classes), *self._columns, "error"]
        parts = [part_files(self.path, rank) for rank in range(self._processes)]
        states = [read_json(state, at_most=_MAX_FACTS) for _, state in parts]
        joined = self.path.with_name(f".{self.path.name}.joined")
        with joined.open("wb") as target:
            target.write(_row(columns))
            for part, _ in parts:
                with part.open("rb") as source:
                    while block := source.read(1 << 20):
                        target.write(block)
            target.flush()
            os.fsync(target.fileno())
        if self._parquet:
            csv_to_parquet(joined, self.path, classes=self._classes, columns=self._columns)
        else:
            joined.replace(self.path)
        self._finished = True
        for part, state in parts:
            for file in (part, state, state.with_suffix(".lock")):
                file.unlink(missing_ok=True)
        self.rows, self.failed, self.stacks = (sum(state[name] for state in states) for name in _COUNTS)

    def _complete_bytes(self) -> int:
        """Return how much of the part file is complete, and take over its counts; 0 for a new table."""
        if not self._part.exists() or not self._state.exists():
            return 0
        try:
            state = read_json(self._state, at_most=_MAX_FACTS)
            facts, complete, counts = state["facts"], int(state["bytes"]), [int(state[name]) for name in _COUNTS]
        except (ValueError, KeyError, TypeError):
            return 0
        if facts != self._facts:
            different = [name for name in self._facts if facts.get(name) != self._facts[name]]
            raise UsageError(
                f"an unfinished table has other {', '.join(different)}",
                where=str(self._part),
                hint="remove it, or choose another file",
            )
        if complete > self._part.stat().st_size:
            return 0
        self.rows, self.failed, self.stacks = counts
        return complete

    def save(self) -> None:
        """Save how much is complete."""
        self._file.flush()
        os.fsync(self._file.fileno())
        counts = {name: getattr(self, name) for name in _COUNTS}
        state = {"facts": self._facts, **counts, "bytes": self._file.tell()}
        write_json(self._state, state)
        self._saved = time.monotonic()


def _row(cells: Sequence[str]) -> bytes:
    """Return a row of the table; a cell with a carriage return is quoted, as the end of a row may be one."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)  # quotes the characters of the line terminator
    return (text.getvalue().removesuffix("\r\n") + "\n").encode("utf-8", "surrogateescape")


def _cell(row: ImagePrediction, column: str) -> str:
    """Return the content of one of the further columns."""
    prediction = row.prediction
    if prediction is None:
        return ""
    if column == "possible":
        return " or ".join(prediction.possible or ())
    if column == "novelty":
        return f"{prediction.novelty:.6g}"
    return "yes" if prediction.unlike_training else "no"


def part_files(path: Path, rank: int) -> tuple[Path, Path]:
    """Return the files that hold the rows and the state of one process until a table is finished."""
    return path.with_name(f".{path.name}.{rank}.part"), path.with_name(f".{path.name}.{rank}.json")
