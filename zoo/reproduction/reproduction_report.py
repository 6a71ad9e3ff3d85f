"""The report of a reproduction, as HTML and as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any

from zoo.metrics.number_text import NONE, decimal, whole
from zoo.reports.history_charts import HOW_CURVES
from zoo.reports.report import Report, render
from zoo.reports.report_table import ReportTable
from zoo.reproduction import results_text
from zoo.reproduction.reproduction_charts import ChartGroup
from zoo.reproduction.results import MAIN, SECONDS, SMOKE_RUN, PaperCell, Results
from zoo.spec import Paper
from zoo.version import __version__


def reproduction_report(results: Results, paper: Paper, charts: Sequence[ChartGroup]) -> Report:
    """Return the report of a reproduction.

    Args:
        results: The results.
        paper: The paper.
        charts: The training curves.
    """
    return render(
        "reproduction",
        {
            "title": f"Reproduction of “{paper.title}”",
            "authors": paper.authors,
            "year": paper.year,
            "link": paper.link,
            "date": date.today().isoformat(),
            "version": __version__,
            "question": "Does training the paper's networks again, by its recipe, give the paper's numbers?",
            "answer": results.answer,
            "warnings": results_text.warnings(results),
            "how_to_read": results_text.how_to_read(results),
            "overviews": _overviews(results),
            "comparisons": _comparisons(results),
            "seconds": _seconds(results),
            "how_seconds": results_text.device_sentence(results),
            "parameters": _parameters(results),
            "leak": _leak(results) if results.leak else None,
            "how_leak": results_text.HOW_LEAK,
            "charts": charts,
            "how_curves": results_text.marked(HOW_CURVES, results),
            "data": _data(results),
            "failures": [(name, text or "not finished") for name, text in results.failures.items()],
            "readings": results.readings,
            "model_readings": _model_readings(results),
            "not_done": results_text.not_done(results),
        },
    )


def _overviews(results: Results) -> list[Mapping[str, Any]]:
    """Return the tables of the main measure, one for each split: a row for each model, a column for each data set."""
    tables: list[Mapping[str, Any]] = []
    columns = list(dict.fromkeys(one.column for one in results.data))
    for split in results.splits:
        cells = [cell for cell in results.cells if (cell.split, cell.measure) == (split, MAIN)]
        said = results_text.common_reasons(cells)
        found = {(cell.model, cell.column): _overview_cell(cell, said, results) for cell in cells}
        tables.append(
            {
                "title": results_text.overview_heading(results, split),
                "about": results_text.about_cells(results, said),
                "columns": columns,
                "rows": [(one.model, [found[one.model, column] for column in columns]) for one in results.models],
            }
        )
    return tables


def _overview_cell(cell: PaperCell, said: Sequence[str], results: Results) -> Mapping[str, str]:
    """Return the texts of a cell of the table of the main measure; a number of a smoke run is marked as such."""
    smoke = SMOKE_RUN in cell.reasons
    return {**_row(cell, said, results), **({"verdict": SMOKE_RUN} if smoke else {})}


def _comparisons(results: Results) -> list[Mapping[str, Any]]:
    """Return the tables of all measures, one for each column of the paper's table and each split."""
    tables: list[Mapping[str, Any]] = []
    for data in results.data:
        cells = [
            cell
            for cell in results.cells
            if (cell.column, cell.split) == (data.column, data.split) and cell.measure != SECONDS
        ]
        said = results_text.common_reasons(cells)
        groups = [
            {"model": model, "rows": [_row(cell, said, results) for cell in members]}
            for model, members in groupby(cells, key=lambda cell: cell.model)
        ]
        title, about = results_text.heading(results, data), results_text.about_cells(results, said)
        tables.append({"title": title, "about": about, "groups": groups})
    return tables


def _row(cell: PaperCell, said: Sequence[str], results: Results) -> Mapping[str, str]:
    """Return the texts of one number of the paper and the measured one."""
    verdict, _, reasons = results_text.verdict(cell, said).partition(": ")
    return {
        "measure": results_text.name_of(cell.measure),
        "paper": results_text.paper_value(cell, results),
        "ours": results_text.number(cell),
        "interval": results_text.interval(cell),
        "difference": results_text.difference(cell),
        "kind": cell.verdict.replace(" ", "-"),
        "verdict": verdict,
        "reasons": reasons,
    }


def _seconds(results: Results) -> ReportTable | None:
    """Return the seconds until the best epoch, with the paper's split; None if the paper states none."""
    split = results.paper_split if results.paper_split in results.splits else results.splits[0]
    cells = [cell for cell in results.cells if cell.measure == SECONDS and cell.split == split]
    if not cells:
        return None
    columns = list(dict.fromkeys(cell.column for cell in cells))
    found = {(cell.model, cell.column): cell for cell in cells}
    return ReportTable(
        caption=results_text.marked("Seconds until the best epoch: paper / ours", results),
        columns=("model", *columns),
        rows=tuple(
            (one.model, *(results_text.seconds(found.get((one.model, column))) for column in columns))
            for one in results.models
        ),
        numbers=tuple(range(1, len(columns) + 1)),
    )


def _model_readings(results: Results) -> list[tuple[str, str]]:
    """Return each reading with the models that it is about."""
    models: dict[str, list[str]] = {}
    for one in results.models:
        for reading in one.readings:
            models.setdefault(reading, []).append(one.model)
    return [(", ".join(names), reading) for reading, names in models.items()]


def _parameters(results: Results) -> ReportTable:
    return ReportTable(
        caption="Parameters of the network that was trained",
        columns=("model", "paper", "ours", "", "training started from"),
        rows=tuple(
            (
                one.model,
                whole(one.paper_parameters),
                whole(one.parameters),
                results_text.parameters(one.paper_parameters, one.parameters),
                one.initial_weights or NONE,
            )
            for one in results.models
        ),
        numbers=(1, 2),
    )


def _leak(results: Results) -> ReportTable:
    return ReportTable(
        caption=results_text.marked(
            f"{results_text.name_of(MAIN).capitalize()} by image and by patient, on the same images", results
        ),
        columns=("data", "model", "by image", "by patient", "difference", "images", "patients"),
        rows=tuple(
            (
                one.data,
                one.model,
                decimal(one.by_image),
                decimal(one.by_patient),
                results_text.leak_difference(one),
                f"{one.images:,}",
                whole(one.patients),
            )
            for one in results.leak
            if one.measure == MAIN
        ),
        numbers=(2, 3, 5, 6),
    )


def _data(results: Results) -> ReportTable:
    return ReportTable(
        caption="Images and patients",
        columns=(
            *("column of the paper", "split by", "data", "images", "of the paper", "training images", "test images"),
            *("test patients", "of them also in training"),
        ),
        rows=tuple(
            (
                one.column,
                one.split,
                one.name or NONE,
                *(whole(number) for number in (one.images, one.paper_images, one.train_images)),
                *(whole(number) for number in (one.test_images, one.test_patients, one.shared_patients)),
            )
            for one in results.data
        ),
        numbers=(3, 4, 5, 6, 7, 8),
    )
