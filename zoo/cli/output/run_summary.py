"""What a training and an evaluation print at their end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from zoo.bundle.bundle_files import read_config
from zoo.cli.output.printing import print_facts, print_table
from zoo.progress.rate import clock
from zoo.runs import CURVES, Run
from zoo.runs.run_record import RunRecord

SHOWN = {
    "balanced_accuracy": "balanced accuracy",
    "accuracy": "accuracy",
    "auroc": "AUROC",
    "precision": "precision",
    "recall": "recall",
    "specificity": "specificity",
    "f1": "F1",
    "gmean": "G-mean (weighted)",
    "iba": "IBA (weighted)",
    "loss": "loss",
}


def print_summary(run: Run) -> None:
    """What was learned, on what, how well, where it lies, and what to do next."""
    record = run.record
    model = record.config.model.name
    start = record.initial_weights or {}
    click.echo()
    if record.data["synthetic"]:
        click.secho("Synthetic sample: drawn by a program. These numbers say nothing about tissue.", fg="yellow")
    from_what = "from scratch" if start["used"] == "scratch" else f"from {start['used']} weights ({start['repo']})"
    click.echo(
        f"{record.config.model.name} trained {from_what} on {record.data['name']}, recipe {record.resolved.recipe.name}"
    )
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
        (f"zoo push {run} YOU/{model}", "publish it on the Hugging Face Hub"),
    ]
    if record.data["synthetic"]:
        steps.insert(0, (f"zoo train {model} --data breakhis --root BreaKHis_v1", "your own BreakHis"))
    width = max(len(command) for command, _ in steps)
    for command, why in steps:
        click.echo(f"  {command.ljust(width)}  {why}")


def _training(run: Run, record: RunRecord) -> list[tuple[str, str]]:
    """What came of the training itself, and what it took; a value that is not known is left empty."""
    found = record.outcome or {}
    chosen = record.resolved.recipe.select != "last" and record.split["images"]["val"]
    memory, energy = found["peak_memory_bytes"], found["energy_joules"]
    where = "of the GPU's memory" if record.resolved.device == "cuda" else "of the process"
    return [
        ("parameters", f"{read_config(run.bundle)['training']['parameters']:,}"),
        ("best epoch" if chosen else "epoch kept", f"{found['best_epoch']} of {found['epochs_run']}"),
        ("time to best validation" if chosen else "time to the last epoch", _time(found["seconds_to_best"])),
        ("speed", f"{found['images_per_second']:.1f} images/s"),
        ("peak memory", f"{memory / 1e9:.2f} GB, {where}" if memory else ""),
        ("energy", f"{energy / 3600:.3g} Wh, of the GPU" if energy else ""),
        ("curves", str(run.path / CURVES)),
    ]


def _time(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else clock(seconds)


def print_evaluation(document: Mapping[str, Any]) -> None:
    """The numbers, never without what they were measured on."""
    measures, data, split = document["measures"], document["data"], document["split"]
    who = f"{measures['samples']} images"
    if measures["groups"] is not None:
        who += f" of {measures['groups']} patients"
    if split.get("unit"):
        how = f"{split['part']} part of a split by {split['unit']}, seed {split['seed']}"
    else:
        how = "all images"
    click.echo(f"measured on {who} of {data['name']} ({how})")
    if data["synthetic"]:
        click.echo("these images are synthetic")
    positive = f"; positive: {measures['positive']}" if measures["positive"] else ""
    interval = f"95 % interval, resampling {measures['unit']}s"
    print_table(
        ["measure", "value", interval],
        [[label, *_cells(measures, name)] for name, label in SHOWN.items() if name in measures["values"]],
        right=["value"],
    )
    print_table(
        [f"truth \\ predicted{positive}", *measures["classes"]],
        [[name, *map(str, row)] for name, row in zip(measures["classes"], measures["confusion"], strict=True)],
        right=measures["classes"],
    )
    for note in measures["notes"]:
        click.echo(f"note: {note}")


def _cells(measures: Mapping[str, Any], name: str) -> list[str]:
    value, interval = measures["values"][name], measures["intervals"].get(name)
    if value is None:
        return ["-", measures["reasons"].get(name, "")]
    return [
        f"{value:.3f}",
        f"{interval[0]:.3f} to {interval[1]:.3f}" if interval else measures["reasons"].get(name, ""),
    ]
