"""Evaluation of a model: on a held-out part of the data that it was trained on, or on other data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from zoo.bundle.provenance import TrainingSplit
from zoo.classifier import from_pretrained
from zoo.data.manifest import Manifest
from zoo.data.pixels.prepare import TOLERATED, prepare
from zoo.data.source_lookup import find_source, read_manifest
from zoo.data.split.policy import SplitPolicy, read_split_file
from zoo.data.split.split import Split
from zoo.device import Compute, choose_compute, choose_device
from zoo.distributed.world import World, local_device, open_world
from zoo.errors import UnknownNameError, UsageError
from zoo.evaluation.report import Evaluation, evaluate_classifier
from zoo.metrics.metrics_file import Part
from zoo.progress import Reporter, Silent
from zoo.registry import registry
from zoo.runs import SPLIT, Run, is_run


def evaluate(
    model: str | Path | Run,
    *,
    data: str | None = None,
    root: str | Path | None = None,
    options: Mapping[str, Any] | None = None,
    part: Part = "test",
    device: str = "auto",
    store: bool = True,
    tolerate: float = TOLERATED,
    progress: Reporter | None = None,
) -> Evaluation:
    """Evaluate a run, a bundle or a Hub model on the held-out part of its own data, or on all images of other data.

    Args:
        model: A run, the folder of a run or of a bundle, or a Hub id such as `you/dala-breakhis-40x`.
        data: The name of a data source; by default the one that the model was trained on.
        root: The folder or file of the data; by default the one that the run was trained on.
        options: Options of the data source; by default those of the training.
        part: The part of the training's split to evaluate: `train`, `val` or `test`.
        device: `auto`, `cpu`, `cuda`, or a torch device such as `cuda:1`.
        store: Decode each image once into the cache, or each time it is read.
        tolerate: The share of images that may be unreadable.
        progress: Shows how far the work is; nothing by default.

    Returns:
        The metrics with their 95 % intervals, and the probabilities of each image.

    Example:
        >>> report = zoo.evaluate("runs/dala-breakhis-1")
        >>> report.metrics.measures.values["balanced_accuracy"]
    """
    if part not in get_args(Part):
        raise UnknownNameError("part", part, get_args(Part))
    compute = choose_compute(str(local_device(choose_device(device))), "float32")
    with open_world(compute.device) as world:
        progress = (progress or Silent()) if world.chief else Silent()
        return _evaluate(
            model,
            data=data,
            root=root,
            options=options,
            part=part,
            store=store,
            tolerate=tolerate,
            compute=compute,
            progress=progress,
            world=world,
        )


def _evaluate(
    model: str | Path | Run,
    *,
    data: str | None,
    root: str | Path | None,
    options: Mapping[str, Any] | None,
    part: Part,
    store: bool,
    tolerate: float,
    compute: Compute,
    progress: Reporter,
    world: World,
) -> Evaluation:
    path = Path(model)
    classifier = from_pretrained(path if path.exists() else str(model))
    training = classifier.config.training
    trained_on = training.data if training else None
    named = data or (trained_on.source if trained_on else None)
    if named is None:
        raise UsageError("this model does not say what it was trained on", hint="give --data and --root")
    if root is None and data is None and is_run(path):
        root = Run.open(path).record["root"]
    source, place = find_source(named, root, registry().plugins.sources)
    if options is None and trained_on and source.name == trained_on.source:
        options = trained_on.options
    manifest = read_manifest(source, root=place, options=options, progress=progress)
    prepared = prepare(manifest, classifier.config.preprocessing, progress, store=store, tolerated=tolerate)
    world.agree("data", prepared.fingerprint)
    split = None
    if training and prepared.fingerprint == training.data.fingerprint:
        split = _training_split(prepared.manifest, training.split, path / SPLIT if is_run(path) else None)
    elif part != "test":
        raise UsageError(f"there is no {part} part: these are not the data this model was trained on")
    else:
        progress.say("these are not the data this model was trained on: all of their images are evaluated")
    return evaluate_classifier(
        classifier, prepared, split=split, part=part, compute=compute, progress=progress, world=world
    )


def _training_split(manifest: Manifest, split: TrainingSplit, table: Path | None) -> Split:
    """Return the split of the training: from the run's table, or made again from the data and the seed."""
    if table is not None and table.is_file():
        return replace(read_split_file(table, manifest), unit=split.unit, seed=split.seed)
    if split.file:
        raise UsageError("this model's split came from a file, which is not in its bundle", hint="evaluate its run")
    policy = SplitPolicy(how=split.unit, fractions=split.fractions, seed=split.seed, folds=split.folds, fold=split.fold)
    return policy.split(manifest)
