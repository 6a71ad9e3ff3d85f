"""What `zoo evaluate` prints of several models: one table, what a reader must know, and what could not be evaluated."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from zoo.cli.output.evaluation_parts import OF_PARTS, value_with_interval
from zoo.cli.output.run_summary import warnings_of
from zoo.cli.output.tables import print_table
from zoo.metrics.across_runs import summarize_runs
from zoo.metrics.metrics_file import MAIN, SYNTHETIC_NUMBERS, Metrics
from zoo.metrics.names import measure_name
from zoo.metrics.number_text import whole
from zoo.text import counted, cut_short

if TYPE_CHECKING:
    from zoo.evaluation.evaluate_many import Evaluations

MOST_FAILURES = 20


def print_evaluations(found: Evaluations, *, entries: Mapping[str, str]) -> None:
    """Print the table of several models.

    Args:
        found: The evaluations.
        entries: The model in the registry that each was trained from, by the name of the evaluation.
    """
    metrics = {name: one.metrics for name, one in found.evaluated.items()}
    if metrics:
        _print_table(metrics)
        _print_means(metrics, entries)
        if len(metrics) > 1 and not found.same_images:
            click.secho("The models were measured on different images: the rows cannot be compared.", fg="yellow")
        elif len(metrics) > 1:
            click.echo("Which is better? Intervals that overlap do not say: zoo compare tests the differences.")
    if found.unfinished:
        runs = counted(len(found.unfinished), "run")
        click.secho(f"{runs} not finished and left out: {cut_short(found.unfinished, 8)}", fg="yellow")
    if found.failures:
        click.secho(f"{counted(len(found.failures), 'model')} could not be evaluated:", fg="red")
        for name, error in [*found.failures.items()][:MOST_FAILURES]:
            click.echo(f"  {name}: {error}")


def _print_table(metrics: Mapping[str, Metrics]) -> None:
    """Print the data, the warnings, and a row for each model."""
    click.echo()
    if any(one.data.synthetic for one in metrics.values()):
        click.secho(SYNTHETIC_NUMBERS, fg="yellow")
    by_warning: dict[str, list[str]] = defaultdict(list)
    for name, one in metrics.items():
        for warning in warnings_of(one):
            by_warning[warning].append(name)
    for warning, names in by_warning.items():
        who = "all models" if len(names) == len(metrics) > 1 else cut_short(names, 8)
        click.secho(f"{who}: {warning}", fg="red")
    click.echo(f"measured on {', '.join(sorted({one.data.name for one in metrics.values()}))}")
    rows = []
    for name, one in metrics.items():
        measures = one.measures
        patients = whole(measures.groups)
        values = [value_with_interval(measures, measure) for measure in OF_PARTS]
        rows.append([name, f"{measures.samples:,}", patients, *values])
    columns = ["model", "images", "patients", *map(measure_name, OF_PARTS)]
    print_table(columns, rows, right=["images", "patients"])


def _print_means(metrics: Mapping[str, Metrics], entries: Mapping[str, str]) -> None:
    """Print mean and standard deviation over the runs of each model that has several on the same data."""
    runs: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for name, one in metrics.items():
        if (value := one.measures.values[MAIN]) is not None:
            runs[entries[name], one.data.name, one.data.fingerprint].append(value)
    several = {of: values for of, values in runs.items() if len(values) > 1}
    if several:
        title = measure_name(MAIN)
        print_table(
            ["mean over runs", "data", "runs", title, "sd"],
            [[entry, data, str(len(values)), *_mean(values)] for (entry, data, _), values in several.items()],
            right=["runs", title, "sd"],
        )


def _mean(values: Sequence[float]) -> list[str]:
    """Return the mean and the standard deviation as text."""
    found = summarize_runs(values)
    return [f"{found.mean:.3f}", f"{found.deviation or 0:.3f}"]
