"""The summary that is printed at the end of a grid of runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from zoo.cli.output.next_steps import Step, print_next_steps
from zoo.cli.output.tables import print_table
from zoo.metrics.number_text import NONE, decimal, interval_text, p_value
from zoo.runs import REPORT
from zoo.text import shortened

if TYPE_CHECKING:
    from zoo.grid import Grid
    from zoo.grid.results_table import Row, Table

LONGEST_NAME = 24
"""How many letters of a model's name are in the heading of a column."""
ERROR_LINES = 8
"""How many lines of an error are printed for each failed run."""


def print_grid(grid: Grid) -> None:
    """Print the answer and the results with the data that they were measured on, then the failed runs."""
    from zoo.metrics.metrics_file import SYNTHETIC_NUMBERS

    table, about = grid.table, grid.table.about
    click.echo()
    if about["synthetic"]:
        click.secho(SYNTHETIC_NUMBERS, fg="yellow")
    if table.comparison is not None:
        click.secho(table.comparison.sentence, bold=True)
    if table.rows:
        click.echo(_measured_on(about, table.finished))
        _print_rows(table)
        for note in table.notes:
            click.echo(f"note: {note}")
    click.echo(f"Saved to {grid.path}: all measures in table.csv and table.json, each run in a separate folder.")
    if table.comparison is not None:
        click.echo(f"The comparison is in {grid.path / REPORT}; `zoo compare {grid.path}` shows the cost beside it.")
    if grid.failures:
        _print_failures(grid)


def _print_rows(table: Table) -> None:
    """Print the measures of each model, with its difference from the best model, or else the interval of its mean."""
    from zoo.metrics.names import headlines, measure_name

    best = table.comparison.models[0].name if table.comparison else None
    rows = [row for measure in headlines() for row in table.rows if row.measure == measure]
    cells, before = [], ""
    for row in rows:
        name = measure_name(row.measure) if row.measure != before else ""
        cells.append([name, row.model, *_numbers(row), *(_difference(row) if best else [_interval(row)])])
        before = row.measure
    columns = ["measure", "model", "runs", "mean", "sd"]
    if best is None:
        print_table([*columns, "95 % interval"], cells, right=["runs", "mean", "sd"])
        click.echo(f"{table.about['interval']}.")
        return
    minus = f"{shortened(best, LONGEST_NAME)} minus this"
    print_table([*columns, minus, "95 % interval", "p"], cells, right=["runs", "mean", "sd", minus, "p"])
    click.echo(
        "The differences are between means over the runs, on the same images for all models; the 95 % intervals are "
        "those of the differences, and p is corrected for all pairs of models (Holm)."
    )


def _measured_on(about: Mapping[str, Any], finished: int) -> str:
    """Return a line that says which runs the table summarizes, on which data."""
    seeds = about["seeds"]
    which = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[0]} to {seeds[-1]}"
    recipes = ", ".join(sorted(set(about["recipes"].values())))
    runs = "1 run" if finished == 1 else f"{finished} runs"
    return (
        f"{runs} on {', '.join(about['data'])}, recipe {recipes}, split by {' and '.join(about['split'])}"
        f", {which}: {about['trainings']}; each measured on its test part"
    )


def _numbers(row: Row) -> list[str]:
    """Return the number of runs, mean and standard deviation of a row as text."""
    if row.mean is None:
        return [str(row.runs), NONE, NONE]
    return [str(row.runs), decimal(row.mean), decimal(row.deviation)]


def _interval(row: Row) -> str:
    """Return the interval of a row's mean, or why there is none."""
    return "; ".join(filter(None, [interval_text(row.interval), row.reason]))


def _difference(row: Row) -> list[str]:
    """Return the best model's measure minus that of a row's model, with interval and p-value."""
    difference = row.difference
    if difference is None:
        return ["", "undefined" if row.mean is None else "", ""]
    return [
        decimal(difference.value),
        interval_text(difference.interval, difference.reason),
        "" if row.p is None else p_value(row.p),
    ]


def _print_failures(grid: Grid) -> None:
    """Print the failed runs with the first lines of their errors, and how to resume them."""
    missing = len(grid.failures)
    click.secho(f"{missing} of {missing + grid.table.finished} runs are missing from the table:", fg="red")
    for name, error in grid.failures.items():
        first, *rest = (error or "not finished").splitlines()[:ERROR_LINES]
        click.echo(f"  {name}: {first}")
        for line in rest:
            click.echo(f"    {line}")
    click.echo(f"The output of each run is in {grid.path / 'logs'}.")
    click.echo()
    print_next_steps([Step("resume the missing runs", "zoo train --resume", [grid.path])])
