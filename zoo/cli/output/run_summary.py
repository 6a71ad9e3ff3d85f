"""The summary that `zoo train` prints of a finished run, and the measures that `zoo evaluate` prints."""

from __future__ import annotations

import csv
import os
from itertools import islice
from pathlib import Path

import click

from zoo.bundle.bundle_config import BundleConfig
from zoo.cli.output.evaluation_parts import print_breakdown, print_patients, value_and_interval
from zoo.cli.output.next_steps import Step, print_next_steps
from zoo.cli.output.tables import print_facts, print_table
from zoo.metrics.metrics_file import SYNTHETIC_NUMBERS, Metrics, StressTest
from zoo.metrics.names import headlines, measure_name
from zoo.metrics.number_text import decimal
from zoo.progress.rate import clock
from zoo.runs import CURVES, PREDICTIONS, Run
from zoo.runs.run_record import RunRecord
from zoo.text import storage_size

MAX_SEARCHED = 20_000
"""How many files are searched for a test image."""


def print_summary(run: Run) -> None:
    """Print what was trained, the measures on the test part, where the files are, and what to do next."""
    record = run.record
    click.echo()
    if record.data.synthetic:
        click.secho(SYNTHETIC_NUMBERS, fg="yellow")
    model, recipe, weights = record.config.model.name, record.resolved.recipe.name, record.initial_weights
    start = f"from {weights.used} weights ({weights.repo})" if weights and weights.repo else "from scratch"
    if weights and weights.model:
        start = f"from {weights.model.name} ({weights.used})"
    click.echo(f"{model} trained {start} on {record.data.name}, recipe {recipe}")
    if weights and weights.note:
        click.echo(f"  {weights.note}")
    click.echo()
    print_facts(_training(run, record))
    click.echo()
    for sentence in _small_parts(record):
        click.secho(f"Too small: {sentence}.", fg="yellow")
    _print_measures(run.metrics)
    click.echo(f"Saved to {run}: a report to read in report.html, the model in {run.bundle}, the measures in")
    click.echo("metrics.json, the probabilities of each image in predictions.csv, the settings in run.yaml.")
    click.echo()
    print_next_steps(_next_steps(run, record))


def _small_parts(record: RunRecord) -> tuple[str, ...]:
    """Return a sentence on each part of the split that is too small for what was decided on it."""
    from zoo.data.inspection.small_parts import small_parts

    images, patients = record.split.images, record.split.patients
    return small_parts(
        val=0 if record.resolved.recipe.select == "last" else images.val,
        test=images.test,
        test_patients=patients.test if patients else None,
    )


def _next_steps(run: Run, record: RunRecord) -> list[Step]:
    """Return the commands to suggest after a training."""
    model = record.config.model.name
    steps = [
        Step("predict the class of an image", "zoo predict", [run.path, _test_image(run, record) or "tile.png"]),
        Step("measure the model again on the same images", "zoo evaluate", [run.path]),
        Step("open the model in the browser", "zoo demo", [run.path]),
        Step("publish the model on the Hugging Face Hub", "zoo push", [run.path, f"YOU/{model}"]),
    ]
    if record.data.synthetic:
        data = ["--data", "breakhis", "--root", "BreaKHis_v1", "--recipe", "modern"]
        steps[:0] = [
            Step("download BreakHis, a public data set of real tissue", "zoo data fetch breakhis"),
            Step("train on BreakHis", "zoo train", [model, *data]),
        ]
    return steps


def _test_image(run: Run, record: RunRecord) -> Path | None:
    """Return the path of an image that the run was measured on, or None if it is not found quickly."""
    from zoo.data.cache import cache_folder

    root = record.config.data.root or cache_folder()
    root = root if root.is_dir() else root.parent  # paths in a CSV file are relative to its folder
    with (run.path / PREDICTIONS).open(encoding="utf-8", newline="") as file:
        key = next(csv.DictReader(file))["key"]
    path = root / key
    if not path.is_file():
        files = (Path(folder, name) for folder, _, names in os.walk(root) for name in names)
        match = next((file for file in islice(files, MAX_SEARCHED) if file.name == key), None)
        if match is None:
            return None
        path = match
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _training(run: Run, record: RunRecord) -> list[tuple[str, str]]:
    """Return facts about the training: parameters, best epoch, time, memory and energy; empty if unknown."""
    outcome, training = record.outcome, BundleConfig.read(run.bundle).training
    if outcome is None or training is None:
        return []
    selected = record.resolved.recipe.select != "last" and record.split.images.val
    memory, energy = outcome.peak_memory_bytes, outcome.energy_joules
    where = "of the GPU's memory" if record.resolved.device == "cuda" else "of the process"
    return [
        ("parameters", f"{training.parameters:,}"),
        ("best epoch" if selected else "epoch kept", f"{outcome.best_epoch} of {outcome.epochs_run}"),
        ("time to the best epoch" if selected else "time to the last epoch", _time(outcome.seconds_to_best)),
        ("speed", f"{outcome.images_per_second:.1f} images/s"),
        ("peak memory", f"{storage_size(memory)}, {where}" if memory else ""),
        ("energy", f"{energy / 3600:.3g} Wh, of the GPU" if energy else ""),
        ("curves", str(run.path / CURVES)),
    ]


def _time(seconds: float) -> str:
    """Return a duration as text."""
    return f"{seconds:.1f} s" if seconds < 60 else clock(seconds)


def print_evaluation(metrics: Metrics) -> None:
    """Print the measures, after a warning if the images are synthetic."""
    if metrics.data.synthetic:
        click.secho(SYNTHETIC_NUMBERS, fg="yellow")
    _print_measures(metrics)


def _print_measures(metrics: Metrics) -> None:
    """Print the measures, and the images that they were computed on."""
    measures, data = metrics.measures, metrics.data
    for warning in warnings_of(metrics):
        click.secho(warning, fg="red")
    images = f"{measures.samples} images"
    if measures.groups is not None:
        images += f" of {measures.groups} patients"
    click.echo(f"measured on {images} of {data.name} ({_part(metrics)})")
    if metrics.class_map:
        counted_as = ", ".join(f"{theirs} as {ours}" for theirs, ours in metrics.class_map.items())
        click.echo(f"classes of the data were counted as those of the model: {counted_as}")
    positive = f"; positive: {measures.positive}" if measures.positive else ""
    interval = f"95 % interval over {measures.unit}s"
    print_table(
        ["measure", "value", interval],
        [[measure_name(name), *value_and_interval(measures, name)] for name in headlines() if name in measures.values],
        right=["value"],
    )
    print_table(
        [f"truth \\ predicted{positive}", *measures.classes],
        [[name, *map(str, row)] for name, row in zip(measures.classes, measures.confusion, strict=True)],
        right=measures.classes,
    )
    for note in measures.notes:
        if note != measures.one_class:
            click.echo(f"note: {note}")
    if metrics.patients is not None:
        print_patients(metrics.patients)
    for breakdown in metrics.breakdowns or ():
        print_breakdown(breakdown)
    if metrics.calibration is not None:
        click.echo(f"probabilities: {metrics.calibration}")
        if metrics.calibration.decision:
            click.echo(f"labels: {metrics.calibration.decision}")
    if metrics.novelty is not None:
        click.echo(f"novelty: {metrics.novelty.text(measures.samples)}")
    if metrics.coverage is not None:
        click.echo(f"prediction sets: {metrics.coverage}")
    if metrics.baseline is not None:
        click.echo(f"is the network worth it? {metrics.baseline}")
    if metrics.stress is not None:
        _print_stress(metrics.stress)


def _print_stress(stress: StressTest) -> None:
    """Print the measure at each strength of each degradation."""
    click.echo(f"{stress}")
    rows = [
        [
            curve.name,
            curve.unit,
            "  ".join(decimal(point.value) for point in curve.points),
            ", ".join(f"{point.strength:g}" for point in curve.points),
        ]
        for curve in stress.curves
    ]
    name = measure_name(stress.measure)
    print_table(["degradation", "strength in", f"{name}, from weak to strong", "strengths"], rows)


def _part(metrics: Metrics) -> str:
    """Return which part of a data set was measured."""
    split, seen = metrics.split, metrics.seen
    if split.unit is not None:
        return f"{split.part} part of a split {split.method}"
    left_out = seen is not None and seen.images and not seen.measured
    return f"all images but {seen.images} seen in training" if seen and left_out else "all images"


def warnings_of(metrics: Metrics) -> list[str]:
    """Return what a reader must know before the first number."""
    one_class, seen = metrics.measures.one_class, metrics.seen
    warnings = [f"One class for every image: {one_class}."] if one_class else []
    if seen is not None and seen.leaked:
        warnings.append(f"LEAKED: {seen}. These results are too good for new patients.")
    elif seen is not None and not seen.known:
        warnings.append(f"Possibly leaked: {seen}.")
    if metrics.scale is not None:
        warnings.append(f"Another scale: {metrics.scale}.")
    return warnings
