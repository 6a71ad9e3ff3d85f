"""The results table of a grid: each model's measures over its runs, and how the models differ on the same images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from zoo.config.grid_config import Cell
from zoo.config.plain import plain
from zoo.errors import ZooError
from zoo.files import write_csv, write_json
from zoo.metrics.across_runs import summarize_runs
from zoo.metrics.intervals import UNKNOWN_PATIENTS
from zoo.metrics.metrics_file import MAIN, Metrics
from zoo.metrics.names import measure_name
from zoo.metrics.paired import Difference
from zoo.metrics.registered_measures import measure_bounds, why_never_an_interval
from zoo.metrics.result import LEVEL
from zoo.metrics.trainings import trainings_in_words
from zoo.runs.grid_folder import TABLE_CSV, TABLE_JSON, GridFolder
from zoo.runs.run_record import RunRecord, held_out_share
from zoo.text import counted, cut_short

if TYPE_CHECKING:
    from zoo.comparison import Comparison

INTERVAL_METHOD = (
    "95 % interval of the mean by Student's t, widened for runs that share training images "
    "(Nadeau and Bengio, 2003: 1/n + n_test/n_train in the place of 1/n)"
)


ROUNDING = 1e-6
"""Means that differ by less are the same."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of the table: one measure of one model, over all its runs."""

    model: str
    measure: str
    runs: int
    """The number of runs that have a value."""
    undefined: int
    """The number of runs in which the measure is undefined."""
    mean: float | None
    deviation: float | None
    """The standard deviation."""
    interval: tuple[float, float] | None
    reason: str
    """Why there is no mean or no interval, or in how many runs the measure is undefined; empty otherwise."""
    difference: Difference | None = None
    """The best model minus this one, on the same images; None for the best, and without a comparison."""
    p: float | None = None
    """The p-value of the difference in balanced accuracy, corrected for the number of pairs of models."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """The results table, with a description of the runs."""

    rows: tuple[Row, ...]
    finished: int
    """The number of finished runs."""
    missing: tuple[str, ...]
    """The names of the cells that are not finished."""
    about: Mapping[str, Any]
    """The data, splits, recipes and seeds of the runs, and the kind of interval."""
    notes: tuple[str, ...]
    """Warnings about the comparison."""
    comparison: Comparison | None = None
    """The models on the same images; None for one model, and if they have no images in common."""

    def write(self, folder: GridFolder) -> None:
        """Write table.json with everything, and table.csv with the rows alone."""
        write_json(folder.path / TABLE_JSON, plain(self))
        columns = [
            *("model", "measure", "mean", "sd", "low", "high", "runs", "undefined", "note"),
            *("less_than_best", "less_low", "less_high", "p"),
        ]
        write_csv(folder.path / TABLE_CSV, columns, map(_cells, self.rows))


def _cells(row: Row) -> list[object]:
    """Return the cells of a row in table.csv; what there is not is None, an empty cell."""
    low, high = row.interval or (None, None)
    less, (less_low, less_high) = row.difference, (None, None)
    if less is not None and less.interval:
        less_low, less_high = less.interval
    return [
        *(row.model, row.measure, row.mean, row.deviation, low, high, row.runs, row.undefined, row.reason),
        *(less.value if less else None, less_low, less_high, row.p),
    ]


def make_table(folder: GridFolder) -> Table:
    """Return the table of the finished runs in a grid's folder."""
    config, finished = folder.config, folder.finished
    records = {cell: folder.run(cell).record for cell in finished}
    metrics = {cell: folder.run(cell).metrics for cell in finished}
    rows: list[Row] = []
    notes: list[str] = []
    for model in config.models:
        cells = [cell for cell in finished if cell.model == model]
        found = [metrics[cell] for cell in cells]
        values = [one.measures.values for one in found]
        held_out = held_out_share([records[cell] for cell in cells])
        if len(cells) > 1 and not held_out:
            notes.append(f"{model}: all runs are tested on the same images, so the spread is that of training alone")
        if len({repr(records[cell].code) for cell in cells}) > 1:
            notes.append(f"{model}: the code changed between its runs")
        if len({repr(replace(records[cell].resolved.recipe, fold=0)) for cell in cells}) > 1:
            notes.append(f"{model}: the recipe changed between its runs")
        if len({(records[cell].resolved.device, records[cell].resolved.precision) for cell in cells}) > 1:
            notes.append(f"{model}: its runs were computed on different devices, or in different precision")
        notes += doubts(model, found)
        rows += [_row(model, measure, values, held_out) for measure in (values[0] if values else ())]
    if any(found.measures.unit == "image" for found in metrics.values()):
        notes.append(UNKNOWN_PATIENTS)
    if len({record.data.fingerprint for record in records.values()}) > 1:
        notes.append("THE DATA CHANGED between these runs, so they cannot be compared")
    comparison = None
    if len({cell.model for cell in finished}) > 1:
        from zoo.comparison import compare_grid

        try:
            comparison = compare_grid(folder)
        except ZooError as error:
            notes.append(f"the models are not compared: {error.message}")
    rows = [_with_difference(row, comparison) for row in rows]
    notes += _other_means(rows, comparison)
    return Table(
        comparison=comparison,
        rows=tuple(rows),
        finished=len(finished),
        missing=tuple(cell.name for cell in config.cells if cell not in records),
        about={
            **_describe_runs(folder, records),
            "rarest_class": sorted({found.measures.minority for found in metrics.values()}),
        },
        notes=tuple(notes),
    )


def _with_difference(row: Row, comparison: Comparison | None) -> Row:
    """Return a row with the difference of the best model from its model."""
    for pair in comparison.with_best if comparison else ():
        if pair.second == row.model:
            p = pair.corrected_p if row.measure == MAIN else None
            return replace(row, difference=pair.differences.get(row.measure), p=p)
    return row


def _other_means(rows: Sequence[Row], comparison: Comparison | None) -> list[str]:
    """Return notes on models whose differences from the best are not those of the means that stand beside them."""
    best = comparison.models[0].name if comparison else ""
    of_best = {row.measure: row.mean for row in rows if row.model == best}
    found: dict[str, list[str]] = {}
    for row in rows:
        compared, first = row.difference, of_best.get(row.measure)
        if compared is None or first is None or row.mean is None:
            continue
        if max(abs(compared.first - first), abs(compared.second - row.mean)) > ROUNDING:
            found.setdefault(row.model, []).append(measure_name(row.measure))
    return [
        f"{model}: {best} minus {model} in {cut_short(names, 4)} is not the difference of the means: it is over the "
        "test parts in which all runs of both have a value, and each part counts the same"
        for model, names in found.items()
    ]


def doubts(model: str, metrics: Sequence[Metrics]) -> list[str]:
    """Return why the results of a model mean less than they seem to: runs that are leaked, or name one class.

    Args:
        model: The name of the model.
        metrics: The metrics of its runs.
    """
    leaked = sum(one.seen is not None and one.seen.leaked for one in metrics)
    not_known = sum(one.seen is not None and not one.seen.known and not one.seen.leaked for one in metrics)
    one_class = sum(one.measures.one_class is not None for one in metrics)
    runs, found = f"{counted(len(metrics), 'run')} of {model}", []
    if leaked:
        found.append(
            f"LEAKED: {leaked} of {runs} were measured on images or patients that were also in training or "
            "validation; the results are too good for new patients"
        )
    if not_known:
        found.append(f"Possibly leaked: {not_known} of {runs} started from weights whose training is not fully known")
    if one_class:
        found.append(f"{one_class} of {runs} classified every image as one class")
    return found


def _row(model: str, measure: str, values: Sequence[Mapping[str, float | None]], held_out: float) -> Row:
    """Return the row of one measure of one model, from the values in its runs."""
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
    found = summarize_runs(known, held_out=held_out, bounds=measure_bounds(measure))
    if never := why_never_an_interval(measure):
        found = replace(found, interval=None, reason=f"no interval: {never}")
    undefined_in = f"undefined in {undefined} of {len(values)} runs" if undefined else ""
    return Row(
        model=model,
        measure=measure,
        runs=found.runs,
        undefined=undefined,
        mean=found.mean,
        deviation=found.deviation,
        interval=found.interval,
        reason="; ".join(filter(None, [found.reason, undefined_in])),
    )


def _describe_runs(folder: GridFolder, finished: Mapping[Cell, RunRecord]) -> dict[str, Any]:
    """Return the data, splits, recipes and seeds that the numbers of the table belong to."""
    config, records = folder.config, finished.values()
    folds = len({cell.fold for cell in finished}) or config.folds
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
        "trainings": trainings_in_words(
            seeds=len({record.config.seed for record in records}) or len(config.all_seeds),
            folds=None if config.folds is None else folds,
            splits=len({record.split_digest for record in records}),
        ),
        "level": LEVEL,
        "interval": INTERVAL_METHOD,
    }
