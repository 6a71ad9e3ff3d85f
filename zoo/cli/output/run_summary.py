"""What `zoo train` prints when a run is finished, and `zoo evaluate` of any model."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import click

from zoo.bundle.bundle_files import read_config
from zoo.cli.output.next_steps import Step, print_next_steps
from zoo.cli.output.tables import print_facts, print_table
from zoo.progress.rate import clock
from zoo.runs import CURVES, PREDICTIONS, Run
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
"""The measures that are printed, with their names for a reader; metrics.json has all."""
SEARCHED = 20_000
"""How many files are looked at for one of the test images."""


def print_summary(run: Run) -> None:
    """Print what was trained, the measures on the test part, where the files are, and what to do next."""
    record = run.record
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
    click.echo(f"Saved to {run}: the model in {run.bundle}, the measures in metrics.json,")
    click.echo("the probabilities of each image in predictions.csv, the settings in run.yaml.")
    click.echo()
    print_next_steps(_next_steps(run, record))


def _next_steps(run: Run, record: RunRecord) -> list[Step]:
    """Return the commands to suggest."""
    model = record.config.model.name
    steps = [
        Step("predict the class of an image", "zoo predict", [run.path, _test_image(run, record) or "tile.png"]),
        Step("measure the model again on the same images", "zoo evaluate", [run.path]),
        Step("open the model in the browser", "zoo demo", [run.path]),
        Step("publish the model on the Hugging Face Hub", "zoo push", [run.path, f"YOU/{model}"]),
    ]
    if record.data["synthetic"]:
        data = ["--data", "breakhis", "--root", "BreaKHis_v1"]
        steps[:0] = [
            Step("download BreakHis, a public data set of real tissue", "zoo data fetch breakhis"),
            Step("train on BreakHis", "zoo train", [model, *data]),
        ]
    return steps


def _test_image(run: Run, record: RunRecord) -> Path | None:
    """Return the path of an image that the run was measured on, or None where it is not found quickly."""
    from zoo.data.cache import cache_folder

    root = record.config.data.root or cache_folder()
    root = root if root.is_dir() else root.parent  # a table's paths begin at its folder
    with (run.path / PREDICTIONS).open(encoding="utf-8", newline="") as file:
        key = next(csv.DictReader(file))["key"]
    path = root / key
    if not path.is_file():
        files = (Path(folder, name) for folder, _, names in os.walk(root) for name in names)
        found = next((file for file in islice(files, SEARCHED) if file.name == key), None)
        if found is None:
            return None
        path = found
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _training(run: Run, record: RunRecord) -> list[tuple[str, str]]:
    """Return what the training resulted in and what it cost; a value that is not known is empty."""
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
    """Return a duration as text, short ones with a tenth of a second."""
    return f"{seconds:.1f} s" if seconds < 60 else clock(seconds)


def print_evaluation(document: Mapping[str, Any]) -> None:
    """Print the measures with their intervals, the confusion matrix, and what they were measured on."""
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
    """Return value and interval of one measure as text, or why there is none."""
    value, interval = measures["values"][name], measures["intervals"].get(name)
    if value is None:
        return ["-", measures["reasons"].get(name, "")]
    return [
        f"{value:.3f}",
        f"{interval[0]:.3f} to {interval[1]:.3f}" if interval else measures["reasons"].get(name, ""),
    ]
