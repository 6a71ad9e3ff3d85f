"""What a training and an evaluation print at their end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from zoo.bundle.bundle_config import BundleConfig
from zoo.cli.output.printing import print_facts, print_table
from zoo.metrics.metrics_file import Metrics
from zoo.metrics.names import measure_name
from zoo.metrics.result import Result
from zoo.progress.rate import clock
from zoo.runs import CURVES, Run

SHOWN = (
    "balanced_accuracy",
    "accuracy",
    "auroc",
    "precision",
    "recall",
    "specificity",
    "f1",
    "gmean",
    "iba",
    "loss",
)
"""The measures that a summary shows, in this order; metrics.json has all."""


def print_summary(run: Run) -> None:
    """What was learned, on what, how well, where it lies, and what to do next."""
    record = run.record
    start = record["initial_weights"]
    click.echo()
    if record["synthetic"]:
        click.secho("Synthetic sample: drawn by a program. These numbers say nothing about tissue.", fg="yellow")
    from_what = "from scratch" if start["used"] == "scratch" else f"from {start['used']} weights ({start['repo']})"
    click.echo(f"{record['model']} trained {from_what} on {record['data_name']}, recipe {record['recipe']['name']}")
    if start["note"]:
        click.echo(f"  {start['note']}")
    click.echo()
    print_facts(_training(run, record))
    click.echo()
    print_evaluation(run.metrics)
    click.echo(f"Everything lies in {run}: the model in {run.bundle}, the numbers in metrics.json,")
    click.echo("each image's probabilities in predictions.csv, the settings in run.yaml.")
    click.echo()
    click.echo("Next:")
    steps = [
        (f"zoo evaluate {run}", "the same numbers again"),
        (f"zoo demo {run}", "try it in the browser"),
        (f"zoo push {run} YOU/{record['model']}", "publish it on the Hugging Face Hub"),
    ]
    if record["synthetic"]:
        steps.insert(0, (f"zoo train {record['model']} --data breakhis --root BreaKHis_v1", "your own BreakHis"))
    width = max(len(command) for command, _ in steps)
    for command, why in steps:
        click.echo(f"  {command.ljust(width)}  {why}")


def _training(run: Run, record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What came of the training itself, and what it took; a value that is not known is left empty."""
    found = record["outcome"]
    chosen = record["recipe"]["select"] != "last" and record["split"]["images"]["val"]
    memory, energy = found["peak_memory_bytes"], found["energy_joules"]
    training = BundleConfig.read(run.bundle).training
    where = "of the GPU's memory" if record["computed"]["device"] == "cuda" else "of the process"
    return [
        ("parameters", f"{training.parameters:,}" if training else ""),
        ("best epoch" if chosen else "epoch kept", f"{found['best_epoch']} of {found['epochs_run']}"),
        ("time to best validation" if chosen else "time to the last epoch", _time(found["seconds_to_best"])),
        ("speed", f"{found['images_per_second']:.1f} images/s"),
        ("peak memory", f"{memory / 1e9:.2f} GB, {where}" if memory else ""),
        ("energy", f"{energy / 3600:.3g} Wh, of the GPU" if energy else ""),
        ("curves", str(run.path / CURVES)),
    ]


def _time(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else clock(seconds)


def print_evaluation(metrics: Metrics) -> None:
    """The numbers, never without what they were measured on."""
    measures, data, split = metrics.measures, metrics.data, metrics.split
    who = f"{measures.samples} images"
    if measures.groups is not None:
        who += f" of {measures.groups} patients"
    how = "all images" if split.unit is None else f"{split.part} part of a split by {split.unit}, seed {split.seed}"
    click.echo(f"measured on {who} of {data.name} ({how})")
    if data.synthetic:
        click.echo("these images are synthetic")
    positive = f"; positive: {measures.positive}" if measures.positive else ""
    interval = f"95 % interval, resampling {measures.unit}s"
    print_table(
        ["measure", "value", interval],
        [[measure_name(name), *_cells(measures, name)] for name in SHOWN if name in measures.values],
        right=["value"],
    )
    print_table(
        [f"truth \\ predicted{positive}", *measures.classes],
        [[name, *map(str, row)] for name, row in zip(measures.classes, measures.confusion, strict=True)],
        right=measures.classes,
    )
    for note in measures.notes:
        click.echo(f"note: {note}")


def _cells(measures: Result, name: str) -> list[str]:
    value, interval = measures.values[name], measures.intervals.get(name)
    reason = measures.reasons.get(name, "")
    if value is None:
        return ["-", reason]
    return [f"{value:.3f}", f"{interval[0]:.3f} to {interval[1]:.3f}" if interval else reason]
