"""The table of a grid: for each model and measure, the mean of its runs, their spread, and an interval."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import fsum, inf
from typing import Any

from zoo.config.grid_config import Cell
from zoo.config.plain import plain
from zoo.files import write_json, write_text
from zoo.grid.grid_folder import NUMBERS, TABLE, GridFolder
from zoo.metrics.across_runs import LEVEL, summarise_runs
from zoo.runs.run_record import RunRecord

HOW = (
    "95 % interval of the mean by Student's t, widened for runs that share training images "
    "(Nadeau and Bengio, 2003: 1/n + n_test/n_train in the place of 1/n)"
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One measure of one model."""

    model: str
    measure: str
    runs: int
    """How many have a value."""
    undefined: int
    """How many runs did not give a value."""
    mean: float | None
    deviation: float | None
    interval: tuple[float, float] | None
    reason: str
    """Why there is no interval, or no mean."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """All rows, and what they were measured on."""

    rows: tuple[Row, ...]
    finished: int
    missing: tuple[str, ...]
    """The cells that have no numbers."""
    about: Mapping[str, Any]
    notes: tuple[str, ...]

    def write(self, folder: GridFolder) -> None:
        """As a document with all that belongs to it, and as a bare table."""
        write_json(folder.path / NUMBERS, plain(self))
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(["model", "measure", "mean", "sd", "low", "high", "runs", "undefined", "note"])
        for row in self.rows:
            low, high = row.interval or ("", "")
            spread = "" if row.deviation is None else row.deviation
            mean = "" if row.mean is None else row.mean
            rows.writerow([row.model, row.measure, mean, spread, low, high, row.runs, row.undefined, row.reason])
        write_text(folder.path / TABLE, text.getvalue())


def collect(folder: GridFolder) -> Table:
    """Read what the finished runs say."""
    config = folder.config
    done = [cell for cell in config.cells if folder.finished(cell)]
    records = {cell: folder.run(cell).record for cell in done}
    rows: list[Row] = []
    notes: list[str] = []
    for model in config.models:
        mine = [cell for cell in done if cell.model == model]
        values = [folder.run(cell).metrics.measures.values for cell in mine]
        held_out = _held_out([records[cell] for cell in mine])
        if len(mine) > 1 and not held_out:
            notes.append(f"{model}: the same images are held out in every run, so its spread is the training's alone")
        if len({repr(records[cell].code) for cell in mine}) > 1:
            notes.append(f"{model}: the code changed between its runs")
        if len({repr(replace(records[cell].resolved.recipe, fold=0)) for cell in mine}) > 1:
            notes.append(f"{model}: the recipe changed between its runs")
        if len({(records[cell].resolved.device, records[cell].resolved.precision) for cell in mine}) > 1:
            notes.append(f"{model}: its runs were computed on different devices, or in different precision")
        rows += [_row(model, measure, values, held_out) for measure in (values[0] if values else ())]
    if len({record.data.fingerprint for record in records.values()}) > 1:
        notes.append("THE DATA CHANGED between these runs, which should not be compared")
    return Table(
        rows=tuple(rows),
        finished=len(done),
        missing=tuple(cell.name for cell in config.cells if cell not in records),
        about=_about(folder, [*records.values()]),
        notes=tuple(notes),
    )


def _row(model: str, measure: str, values: Sequence[Mapping[str, float | None]], held_out: float) -> Row:
    known = [value for found in values if (value := found.get(measure)) is not None]
    undefined = len(values) - len(known)
    if not known:
        return Row(
            model=model,
            measure=measure,
            runs=0,
            undefined=undefined,
            mean=None,
            deviation=None,
            interval=None,
            reason="undefined in every run",
        )
    found = summarise_runs(known, held_out=held_out, bounds=(0.0, inf) if measure == "loss" else (0.0, 1.0))
    partly = f"undefined in {undefined} of {len(values)} runs" if undefined else ""
    return Row(
        model=model,
        measure=measure,
        runs=found.runs,
        undefined=undefined,
        mean=found.mean,
        deviation=found.deviation,
        interval=found.interval,
        reason="; ".join(filter(None, [found.reason, partly])),
    )


def _held_out(records: Sequence[RunRecord]) -> float:
    """Images tested on for each one trained on; 0 where every run has the same split.

    The validation part is not counted: it chooses weights, but teaches none. That makes the interval the wider.
    """
    if len({record.split_digest for record in records}) < 2:
        return 0.0
    images = [record.split.images for record in records]
    return fsum(part.test / part.train for part in images) / len(images)


def _about(folder: GridFolder, records: Sequence[RunRecord]) -> dict[str, Any]:
    """A number never stands alone."""
    config = folder.config
    return {
        "data": sorted({record.data.name for record in records}),
        "synthetic": any(record.data.synthetic for record in records),
        "split": sorted({record.split.unit for record in records}),
        "recipes": {record.config.model.name: record.resolved.recipe.name for record in records},
        "initial_weights": {
            record.config.model.name: record.initial_weights.used for record in records if record.initial_weights
        },
        "seeds": [*config.all_seeds],
        "folds": config.folds,
        "level": LEVEL,
        "interval": HOW,
    }


def state_of(folder: GridFolder, cell: Cell) -> dict[str, Any]:
    """One cell as a program reads it."""
    state = folder.state(cell)
    return {
        "name": cell.name,
        "model": cell.model,
        "seed": cell.seed,
        "fold": cell.fold,
        "state": state,
        "run": str(folder.run(cell)) if state != "waiting" else None,
        "error": folder.reason(cell) or None,
    }
