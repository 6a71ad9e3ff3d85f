"""The summary of a comparison of models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from zoo.cli.output.tables import print_table
from zoo.comparison.answer import non_inferiority
from zoo.metrics.metrics_file import MAIN, SYNTHETIC_NUMBERS
from zoo.metrics.names import measure_name
from zoo.metrics.number_text import NONE, decimal, interval_text, p_value, with_interval
from zoo.metrics.result import Unit
from zoo.text import percent, shortened, storage_size

if TYPE_CHECKING:
    from zoo.comparison import Comparison, ModelResult, Pair

MEASURES = ("balanced_accuracy", "auroc", "accuracy", "recall", "specificity", "loss")
MOST_IMAGES = 5
LONGEST_NAME = 40
"""How many letters of a model's name are in the tables."""
MOST_ANSWERS = 6
"""How many models' answers to an image are printed."""


def print_comparison(comparison: Comparison) -> None:
    """Print the answer, the measures, the differences, the cost, and the images on which the models differ most."""
    click.echo()
    if comparison.synthetic:
        click.secho(SYNTHETIC_NUMBERS, fg="yellow")
    if comparison.leaked:
        click.secho("LEAKED: a model has seen some of these images, or others of the same patients", fg="red")
    click.secho(comparison.sentence, bold=True)
    patients = f" of {comparison.patients:,} patients" if comparison.patients is not None else ""
    click.echo(f"measured on {comparison.images:,} images{patients} of {comparison.data}; {comparison.trainings}")
    _print_measures(comparison.models, unit=comparison.unit)
    print_differences(comparison)
    _print_beside_baseline(comparison.models)
    if any(model.cost for model in comparison.models):
        _print_cost(comparison.models)
    for note in comparison.notes:
        click.echo(f"note: {note}")
    _print_disagreements(comparison)


def print_differences(comparison: Comparison) -> None:
    """Print how the best model differs from each other one, and what these numbers are."""
    best = comparison.models[0].name
    pairs = comparison.with_best
    click.echo(f"{best} minus each other model, the same images for both:")
    print_table(
        ["other model", "balanced accuracy", "95 % interval", "p", "detectable", "AUROC", "same answer", "McNemar"],
        [_pair(pair) for pair in pairs],
        right=["balanced accuracy", "p", "detectable", "AUROC", "same answer", "McNemar"],
    )
    if len(comparison.pairs) > 1:
        click.echo(f"p is corrected for all {len(comparison.pairs):,} pairs of models (Holm); the intervals are not.")
    if any(pair.mcnemar for pair in pairs):
        click.echo("McNemar's test takes images for independent: if several are of one patient, its p is too small.")
    for line in non_inferiority(comparison.with_best, comparison.margin):
        click.echo(line)


def _print_measures(models: Sequence[ModelResult], *, unit: Unit) -> None:
    """Print the measures of each model."""
    measures = [measure for measure in MEASURES if measure in models[0].values]
    several = any(len(model.runs) > 1 for model in models)
    columns = ["model", *(["runs"] if several else []), *map(measure_name, measures)]
    print_table(
        columns,
        [
            [
                shortened(model.name, LONGEST_NAME),
                *([str(len(model.runs))] if several else []),
                *(_value(model, measure) for measure in measures),
            ]
            for model in models
        ],
        right=["runs"],
    )
    if several:
        click.echo(f"± is the standard deviation between trainings; in parentheses is a 95 % interval over {unit}s.")


def _print_beside_baseline(models: Sequence[ModelResult]) -> None:
    """Print how much better each network is than the simple model beside it."""
    known = [(model, model.beside_baseline[MAIN]) for model in models if MAIN in model.beside_baseline]
    if not known:
        return
    click.echo("Each model minus a logistic regression on colors and textures, fitted on the same training images:")
    print_table(
        ["model", "the regression has", measure_name(MAIN), "95 % interval"],
        [
            [
                shortened(model.name, LONGEST_NAME),
                f"{found.second:.3f}",
                decimal(found.value),
                interval_text(found.interval, found.reason),
            ]
            for model, found in known
        ],
        right=["the regression has", measure_name(MAIN)],
    )


def _print_cost(models: Sequence[ModelResult]) -> None:
    """Print what a prediction of each model costs."""
    known = [model.cost for model in models if model.cost]
    memory = any(cost.peak_memory_bytes for cost in known)
    columns = ["model", "parameters", "multiply-adds", f"images/s ({known[0].device})", *(["memory"] if memory else [])]
    rows = []
    for model in models:
        cost = model.cost
        parameters = f"{model.parameters:,}" if model.parameters else NONE
        row = [shortened(model.name, LONGEST_NAME), parameters, NONE, NONE, *([NONE] if memory else [])]
        if cost:
            row[1:4] = [f"{cost.parameters:,}", f"{cost.multiply_adds / 1e6:,.1f} M", f"{cost.images_per_second:,.0f}"]
            if cost.peak_memory_bytes:
                row[4] = storage_size(cost.peak_memory_bytes)
        rows.append(row)
    print_table(columns, rows, right=columns[1:])


def _print_disagreements(comparison: Comparison) -> None:
    """Print the images on which the models differ most."""
    if not comparison.disagreements:
        return
    click.echo("They differ most on:")
    for image in comparison.disagreements[:MOST_IMAGES]:
        answers = list(image.answers.items())
        more = f", and {len(answers) - MOST_ANSWERS} more models" if len(answers) > MOST_ANSWERS else ""
        named = ", ".join(f"{shortened(name, LONGEST_NAME)}: {answer}" for name, answer in answers[:MOST_ANSWERS])
        click.echo(f"  {image.key} ({image.label}): {named}{more}")


def _value(model: ModelResult, measure: str) -> str:
    """Return a measure with its standard deviation or its interval as text."""
    value = model.values[measure]
    if value is None:
        return NONE
    if measure in model.deviations:
        return f"{value:.3f} ± {model.deviations[measure]:.3f}"
    return with_interval(value, model.intervals.get(measure))


def _pair(pair: Pair) -> list[str]:
    """Return the cells of a pair of models."""
    difference, area = pair.differences[MAIN], pair.differences.get("auroc")
    return [
        shortened(pair.second, LONGEST_NAME),
        decimal(difference.value),
        interval_text(difference.interval, difference.reason),
        NONE if pair.corrected_p is None else p_value(pair.corrected_p),
        decimal(difference.detectable),
        NONE if area is None else with_interval(area.value, area.interval),
        percent(pair.agreement),
        NONE
        if pair.mcnemar is None
        else f"{p_value(pair.mcnemar.p)} ({pair.mcnemar.only_first_right}:{pair.mcnemar.only_second_right})",
    ]
