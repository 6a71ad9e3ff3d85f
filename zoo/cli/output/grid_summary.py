"""The summary that is printed at the end of a grid of runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from zoo.cli.output.next_steps import Step, print_next_steps
from zoo.cli.output.tables import print_table

if TYPE_CHECKING:
    from zoo.grid import Grid

ERROR_LINES = 8
"""How many lines of an error are printed for each failed run."""


def print_grid(grid: Grid) -> None:
    """Print the results with the data that they were measured on, then the failed runs and how to resume them."""
    from zoo.cli.output.run_summary import SYNTHETIC_WARNING
    from zoo.metrics.names import headlines, measure_name

    table, about = grid.table, grid.table.about
    click.echo()
    if about["synthetic"]:
        click.secho(SYNTHETIC_WARNING, fg="yellow")
    if table.rows:
        click.echo(_measured_on(about, table.finished))
        rows = [row for measure in headlines() for row in table.rows if row.measure == measure]
        cells, before = [], ""
        for row in rows:
            cells.append([measure_name(row.measure) if row.measure != before else "", row.model, *_numbers(row)])
            before = row.measure
        print_table(["measure", "model", "runs", "mean", "sd", "95 % interval"], cells, right=["runs", "mean", "sd"])
        click.echo(f"{about['interval']}.")
        for note in table.notes:
            click.echo(f"note: {note}")
    click.echo(f"Saved to {grid.path}: all measures in table.csv and table.json, each run in a separate folder.")
    if grid.failures:
        _print_failures(grid)


def _measured_on(about: Mapping[str, Any], finished: int) -> str:
    """Return a line that says which runs the table summarizes, on which data."""
    seeds = about["seeds"]
    which = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[0]} to {seeds[-1]}"
    folds = f", {about['folds']} folds" if about["folds"] else ""
    recipes = ", ".join(sorted(set(about["recipes"].values())))
    runs = "1 run" if finished == 1 else f"{finished} runs"
    return (
        f"{runs} on {', '.join(about['data'])}, recipe {recipes}, split by {' and '.join(about['split'])}"
        f", {which}{folds}; each measured on its test part"
    )


def _numbers(row: Any) -> list[str]:
    """Return the number of runs, mean, standard deviation and interval of a row as text."""
    if row.mean is None:
        return [str(row.runs), "-", "-", row.reason]
    spread = "-" if row.deviation is None else f"{row.deviation:.3f}"
    interval = f"{row.interval[0]:.3f} to {row.interval[1]:.3f}" if row.interval else ""
    return [str(row.runs), f"{row.mean:.3f}", spread, "; ".join(filter(None, [interval, row.reason]))]


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
