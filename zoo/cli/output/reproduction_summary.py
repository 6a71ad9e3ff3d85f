"""The summary that is printed at the end of a reproduction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from zoo.cli.output.next_steps import Step, print_next_steps
from zoo.cli.output.tables import print_table
from zoo.metrics.number_text import decimal, whole

if TYPE_CHECKING:
    from zoo.reproduction import Reproduction
    from zoo.reproduction.results import PaperCell, Results

MOST_ROWS = 60
"""With more numbers than this, only accuracies and seconds are printed; the report has all."""
MOST_FAILURES = 8


def print_reproduction(reproduction: Reproduction) -> None:
    """Print the paper's numbers beside the measured ones, the answer, and where everything is saved."""
    from zoo.reproduction import results_text
    from zoo.reproduction.results import MAIN

    results = reproduction.results
    click.echo()
    for warning in results_text.warnings(results):
        click.secho(warning, fg="yellow")
    measures = results_text.measures_of(results)
    printed = [name for name in measures if name == MAIN or len(results.cells) <= MOST_ROWS]
    for split in results.splits:
        for measure in printed:
            _print_cells([cell for cell in results.cells if (cell.split, cell.measure) == (split, measure)], results)
    if note := results_text.intervals_note(results):
        click.echo(f"Intervals: {note}.")
    if unprinted := [results_text.name_of(name) for name in measures if name not in printed]:
        click.echo(f"In the report, in the same way: {', '.join(unprinted)}.")
    _print_parameters_and_seconds(results)
    if results.leak:
        _print_leak(results, printed)
    click.secho(results.answer, bold=True)
    click.echo(f"Saved to {reproduction.path}: report.html, report.md and results.json, each grid in a folder.")
    if results.failures:
        _print_failures(reproduction)


def _print_cells(cells: Sequence[PaperCell], results: Results) -> None:
    """Print one measure of all models with one split."""
    from zoo.reproduction import results_text

    if not cells:
        return
    said = results_text.common_reasons(cells)
    of_failures = [reason for cell in cells if cell.verdict == "failed" for reason in cell.reasons]
    name = results_text.name_of(cells[0].measure)
    if len(results.splits) > 1:
        click.echo(f"Split by {cells[0].split}:")
    print_table(
        ["data", "model", f"{name}: paper", "ours", "difference", "verdict"],
        [
            [
                cell.column,
                cell.model,
                results_text.paper_value(cell, results),
                results_text.value(cell),
                results_text.difference(cell),
                results_text.verdict(cell, (*said, *of_failures)),
            ]
            for cell in cells
        ],
        right=[f"{name}: paper", "difference"],
    )
    if said:
        click.echo(f"Not comparable because of: {', '.join(said)}.\n")


def _print_parameters_and_seconds(results: Results) -> None:
    """Print the number of parameters of each model, and its seconds until the best epoch."""
    from zoo.reproduction import results_text
    from zoo.reproduction.results import SECONDS

    split = results.paper_split if results.paper_split in results.splits else results.splits[0]
    cells = [cell for cell in results.cells if cell.measure == SECONDS and cell.split == split]
    columns = list(dict.fromkeys(cell.column for cell in cells))
    found = {(cell.model, cell.column): cell for cell in cells}
    print_table(
        ["model", "parameters: paper", "ours", "", *(f"seconds, {name}" for name in columns)],
        [
            [
                one.model,
                whole(one.paper_parameters),
                whole(one.parameters),
                results_text.parameters(one.paper_parameters, one.parameters),
                *(results_text.seconds(found.get((one.model, name))) for name in columns),
            ]
            for one in results.models
        ],
        right=["parameters: paper", "ours", *(f"seconds, {name}" for name in columns)],
    )
    if columns:
        click.echo(f"Seconds until the best epoch: the paper's / ours. {results_text.device_sentence(results)}")


def _print_leak(results: Results, measures: Sequence[str]) -> None:
    """Print what the split by image adds."""
    from zoo.reproduction import results_text

    click.echo("What the leak of a split by image is worth, on the images that are in the test part of both splits:")
    print_table(
        ["data", "model", "measure", "by image", "by patient", "difference (95 % interval)", "images", "patients"],
        [
            [
                one.data,
                one.model,
                results_text.name_of(one.measure),
                *map(decimal, (one.by_image, one.by_patient)),
                results_text.leak_difference(one),
                whole(one.images),
                whole(one.patients),
            ]
            for one in results.leak
            if one.measure in measures
        ],
        right=["by image", "by patient", "images", "patients"],
    )


def _print_failures(reproduction: Reproduction) -> None:
    """Print the runs that are missing, and how to continue."""
    failures = reproduction.results.failures
    click.secho(f"{len(failures)} of {reproduction.results.total} runs are missing:", fg="red")
    for name, error in list(failures.items())[:MOST_FAILURES]:
        click.echo(f"  {name}: {error.splitlines()[0] if error else 'not finished'}")
    if len(failures) > MOST_FAILURES:
        click.echo(f"  and {len(failures) - MOST_FAILURES} more")
    click.echo()
    print_next_steps([Step("train the missing runs", "zoo reproduce --resume", [reproduction.path])])
