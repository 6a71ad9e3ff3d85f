"""What `zoo evaluate` prints of several models: one table, what a reader must know, and what could not be evaluated."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from zoo.cli.output.evaluation_parts import OF_PARTS, value_with_interval
from zoo.cli.output.run_summary import warnings_of
from zoo.cli.output.tables import print_table
from zoo.config.plain import plain
from zoo.metrics.across_runs import summarize_runs
from zoo.metrics.metrics_file import MAIN, SYNTHETIC_NUMBERS, Metrics
from zoo.metrics.names import measure_name
from zoo.metrics.number_text import whole
from zoo.text import counted, cut_short

if TYPE_CHECKING:
    from zoo.bundle.bundle_config import BundleConfig
    from zoo.evaluation.evaluate_many import Evaluations

MOST_FAILURES = 20


def print_evaluations(found: Evaluations, *, configs: Mapping[str, BundleConfig]) -> None:
    """Print the table of several models.

    Args:
        found: The evaluations.
        configs: What each model is and how it was trained, by the name of the evaluation.
    """
    metrics = {name: one.metrics for name, one in found.evaluated.items()}
    if metrics:
        _print_table(metrics)
        _print_means(metrics, configs)
        if len(metrics) > 1 and not found.same_images:
            click.secho("The models were measured on different images: the rows cannot be compared.", fg="yellow")
        elif len({one.measures.classes for one in metrics.values()}) > 1:
            click.echo(
                "Which is better? Intervals that overlap do not say, and zoo compare only tests models with the same "
                "classes in the same order."
            )
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


def _print_means(metrics: Mapping[str, Metrics], configs: Mapping[str, BundleConfig]) -> None:
    """Print mean and standard deviation over runs that differ only in their seed, fold or split, on the same data."""
    runs: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for name, one in metrics.items():
        if (value := one.measures.values[MAIN]) is not None:
            runs[_settings(configs[name]), one.data.name, one.data.fingerprint].append(value)
    several = {of: values for of, values in runs.items() if len(values) > 1}
    if several:
        title = measure_name(MAIN)
        print_table(
            ["mean over runs", "data", "runs", title, "sd"],
            [
                [json.loads(settings)["entry"], data, str(len(values)), *_mean(values)]
                for (settings, data, _), values in several.items()
            ],
            right=["runs", title, "sd"],
        )


def _settings(config: BundleConfig) -> str:
    """Return everything about a model and its training but the seed, the fold and the split, as JSON."""
    training = config.training
    settings = {"entry": config.entry, "options": config.options, "preprocessing": plain(config.preprocessing)}
    if training:
        split = {"fractions": training.split.fractions, "folds": training.split.folds}
        settings |= {"recipe": plain(training.recipe), "init": training.init.used, **split}
    return json.dumps(settings, sort_keys=True)


def _mean(values: Sequence[float]) -> list[str]:
    """Return the mean and the standard deviation as text."""
    found = summarize_runs(values)
    return [f"{found.mean:.3f}", f"{found.deviation or 0:.3f}"]
