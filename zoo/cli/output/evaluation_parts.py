"""What `zoo evaluate` prints beside the measures of all images: those of patients, and those of parts of the images."""

from __future__ import annotations

import click

from zoo.cli.output.tables import print_table
from zoo.metrics.breakdown import Breakdown, shown
from zoo.metrics.names import headlines_of_plugins, measure_name
from zoo.metrics.number_text import NONE, decimal, interval_text, whole, with_interval
from zoo.metrics.patient_answers import PatientAnswers
from zoo.metrics.result import Result

OF_PATIENTS = ("balanced_accuracy", "accuracy", "auroc", "recall", "specificity")
OF_PARTS = ("balanced_accuracy", "accuracy", "auroc")


def print_patients(answers: PatientAnswers) -> None:
    """Print the measures of one answer for each patient."""
    if answers.measures is None:
        click.echo(f"one answer for each patient: none, since {answers.reason}")
        return
    measures = answers.measures
    patients = f"{measures.samples:,} patients"
    click.echo(f"one answer for each of {patients}, {answers.rule}:")
    print_table(
        ["measure", "value", "95 % interval over patients"],
        [[measure_name(name), *value_and_interval(measures, name)] for name in (*OF_PATIENTS, *headlines_of_plugins())],
        right=["value"],
    )
    if answers.reason:
        click.echo(f"note: left out: {answers.reason}")
    for note in measures.notes:
        click.echo(f"note: {note}")


def print_breakdown(breakdown: Breakdown) -> None:
    """Print the measures of the images with each value of a column."""
    rows, listed = [], (*OF_PARTS, *headlines_of_plugins())
    for part in breakdown.parts:
        found = part.measures
        patients = whole(found.groups)
        values = [value_with_interval(found, name) for name in listed]
        rows.append([part.title, f"{found.samples:,}", patients, *values])
    names = [measure_name(name) for name in listed]
    print_table([shown(breakdown.column), "images", "patients", *names], rows, right=["images", "patients"])
    if breakdown.note:
        click.echo(f"note: {breakdown.note}")


def value_and_interval(measures: Result, name: str) -> list[str]:
    """Return a measure's value and its interval, or the reason why there is none."""
    value, interval = measures.values[name], measures.intervals.get(name)
    reason = measures.reasons.get(name, "")
    if value is None:
        return [NONE, reason]
    return [decimal(value), interval_text(interval, reason)]


def value_with_interval(measures: Result, name: str) -> str:
    """Return a measure with its interval, if it has one."""
    value = measures.values[name]
    return NONE if value is None else with_interval(value, measures.intervals.get(name))
