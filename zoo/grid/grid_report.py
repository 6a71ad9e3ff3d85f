"""The report of a grid: the answer, the table, the curves of the runs, their splits, and what was not done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from zoo.config.grid_config import Cell
from zoo.grid.results_table import Table, doubts
from zoo.metrics.metrics_file import MAIN, SYNTHETIC_NUMBERS
from zoo.metrics.names import measure_name
from zoo.metrics.number_text import decimal, interval_text, whole
from zoo.progress import Reporter
from zoo.reports import write_comparison_report
from zoo.reports.history_charts import HOW_CURVES, history_charts
from zoo.reports.report import render
from zoo.reports.report_table import ReportTable
from zoo.runs.grid_folder import GridFolder
from zoo.text import counted, sentence
from zoo.version import __version__

MOST_RUNS = 100
"""How many runs the table of splits lists."""


def write_grid_report(folder: GridFolder, table: Table, progress: Reporter) -> None:
    """Write report.html and report.md of a grid with finished runs."""
    if not table.rows:
        return
    more = _sections(folder, table)
    if table.comparison is not None:
        write_comparison_report(folder.path, table.comparison, progress=progress, template="grid", more=more)
        return
    models = folder.config.models
    render(
        "grid_uncompared",
        {
            **more,
            "title": f"{', '.join(models)} on {', '.join(table.about['data'])}",
            "date": date.today().isoformat(),
            "version": __version__,
            "question": _question(models),
            "answer": _answer(models, table),
            "warnings": _warnings(folder, table),
            "not_done": _not_done(table),
        },
    ).write(folder.path)


def _sections(folder: GridFolder, table: Table) -> Mapping[str, Any]:
    """Return what the report of any grid has."""
    finished = folder.finished
    histories = {
        model: [folder.run(cell).history for cell in finished if cell.model == model]
        for model in folder.config.models
        if any(cell.model == model for cell in finished)
    }
    missing = {cell.name: folder.error_text(cell) for cell in folder.config.cells if cell not in finished}
    return {
        "runs": f"{counted(len(finished), 'run')}: {table.about['trainings']}.",
        "table": _table(table),
        "table_notes": [f"{note}." for note in (table.about["interval"], *table.notes)],
        "curves": history_charts(histories),
        "how_curves": HOW_CURVES,
        "splits": _splits(folder, finished),
        "recipes": sorted(table.about["recipes"].items()),
        "initial_weights": sorted(table.about["initial_weights"].items()),
        "missing": [(name, text.splitlines()[0] if text else "not finished") for name, text in missing.items()],
    }


def _table(table: Table) -> ReportTable:
    """Return the measures of each model over its runs."""
    return ReportTable(
        caption="Each measure over the runs of a model",
        columns=("measure", "model", "runs", "mean", "sd", "95 % interval of the mean"),
        rows=tuple(
            (
                measure_name(row.measure),
                row.model,
                str(row.runs),
                decimal(row.mean),
                decimal(row.deviation),
                interval_text(row.interval, row.reason),
            )
            for row in sorted(table.rows, key=_by_measure(table))
        ),
        numbers=(2, 3, 4),
    )


def _by_measure(table: Table) -> Any:
    """Return the key that sorts rows by measure, so that models stand below each other."""
    place = {measure: number for number, measure in enumerate(dict.fromkeys(row.measure for row in table.rows))}
    return lambda row: place[row.measure]


def _splits(folder: GridFolder, finished: Sequence[Cell]) -> ReportTable:
    """Return how the data of each run were split."""
    rows = []
    for cell in finished[:MOST_RUNS]:
        split = folder.run(cell).record.split
        patients = split.patients
        rows.append(
            (
                cell.name,
                split.unit,
                str(split.seed),
                *(f"{number:,}" for number in (split.images.train, split.images.val, split.images.test)),
                whole(patients.test if patients else None),
                whole(split.shared_patients if patients else None),
            )
        )
    more = len(finished) - len(rows)
    return ReportTable(
        caption=f"Images of each run{f' (the first {len(rows)} of {len(finished)} runs)' if more else ''}",
        columns=(
            *("run", "split by", "seed", "training", "validation", "test"),
            *("test patients", "of them also in training"),
        ),
        rows=tuple(rows),
        numbers=(2, 3, 4, 5, 6, 7),
    )


def _question(models: tuple[str, ...]) -> str:
    if len(models) == 1:
        return f"How good is {models[0]}, and how much does that vary from one training to the next?"
    return f"Which of {len(models)} models is best on the same images?"


def _answer(models: tuple[str, ...], table: Table) -> str:
    """Return the answer of a grid whose models are not compared."""
    if len(models) > 1:
        return "That cannot be said: they were not compared on the same images; the notes below say why."
    row = next(row for row in table.rows if row.measure == MAIN)
    if row.mean is None:
        return f"That cannot be said: balanced accuracy is {row.reason}."
    spread = f"95 % interval of the mean {interval_text(row.interval)}" if row.interval else row.reason
    deviation = "" if row.deviation is None else f", with a standard deviation of {row.deviation:.3f} between runs"
    over = "In one run" if row.runs == 1 else f"Over {row.runs} runs"
    return f"{over}, {models[0]} reaches a balanced accuracy of {row.mean:.3f} ({spread}){deviation}."


def _warnings(folder: GridFolder, table: Table) -> list[str]:
    """Return what a reader must know before the first number."""
    warnings, finished = [SYNTHETIC_NUMBERS] if table.about["synthetic"] else [], folder.finished
    for model in folder.config.models:
        metrics = [folder.run(cell).metrics for cell in finished if cell.model == model]
        warnings += map(sentence, doubts(model, metrics))
    return warnings


def _not_done(table: Table) -> list[str]:
    """Return what these runs do not show."""
    missing = ["No run was tested on images from another hospital, scanner or laboratory."]
    if table.missing:
        missing.append(f"The grid is not finished: {counted(len(table.missing), 'run')} of it did not end.")
    return missing
