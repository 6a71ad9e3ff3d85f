"""Evaluation of a model: on a held-out part of the data that it was trained on, or on other data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from zoo.bundle.provenance import Provenance
from zoo.classifier import Classifier, from_pretrained
from zoo.config.train_config import TOLERATED, DataConfig
from zoo.data.pixels.prepare import Prepared, prepare
from zoo.data.source_lookup import find_source, read_manifest
from zoo.data.split.policy import SplitPolicy
from zoo.data.split.split import Split
from zoo.data.split.split_file import read_split_file
from zoo.device import choose_compute, choose_device
from zoo.distributed.world import local_device, open_world
from zoo.errors import UnknownNameError, UsageError
from zoo.evaluation.evaluation import Evaluation, evaluate_classifier
from zoo.metrics.metrics_file import Part
from zoo.progress import Reporter, Silent, reporter_for
from zoo.registry import registry
from zoo.runs import SPLIT, Run, is_run
from zoo.spec import Source


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
    progress: Reporter | bool = True,
) -> Evaluation:
    """Evaluate a run, a bundle or a Hub model on the held-out part of its own data, or on all images of other data.

    Args:
        model: A run, the folder of a run or of a bundle, or a Hub id such as `you/dala-breakhis-40x`.
        data: The name of a data source, or a path whose layout is recognized; by default the source that the model was
            trained on.
        root: Path of the data; by default that of the run's training.
        options: Options of the data source; by default those of the training.
        part: The part of the training's split to evaluate: `train`, `val` or `test`.
        device: `auto`, `cpu`, `cuda`, or a torch device such as `cuda:1`.
        store: Decode each image once into the cache, or every time it is read.
        tolerate: The share of images that may be unreadable.
        progress: Show progress in a terminal or a notebook; False for none, or a reporter of your own.

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
        reporter = reporter_for(progress) if world.chief else Silent()
        path = Path(model).expanduser()
        classifier = from_pretrained(model if isinstance(model, str) else path)
        trained_on = classifier.config.training.data if classifier.config.training else None
        if data is None and trained_on is None:
            raise UsageError("this model does not say what it was trained on", hint="give --data and --root")
        if root is None and data is None and is_run(path):
            root = Run.open(path).record.config.data.root
        source, source_root = find_source(data or trained_on.source, root, registry().plugins.sources)  # type: ignore[union-attr]
        if options is None and trained_on and source.name == trained_on.source:
            options = trained_on.options
        config = DataConfig(source=source.name, root=source_root, options=options or {}, store=store, tolerate=tolerate)
        prepared = _prepare(source, config, classifier, reporter)
        world.check_equal("data", prepared.fingerprint)
        split = _split(classifier, prepared, path / SPLIT if is_run(path) else None)
        if split is None:
            if part != "test":
                raise UsageError(f"there is no {part} part: these are not the data that this model was trained on")
            reporter.say("these are not the data that this model was trained on, so all images are evaluated")
        return evaluate_classifier(
            classifier, prepared, split=split, part=part, compute=compute, progress=reporter, world=world
        )


def _prepare(source: Source, config: DataConfig, classifier: Classifier, progress: Reporter) -> Prepared:
    """Read and decode the images."""
    manifest = read_manifest(source, root=config.root, options=config.options, progress=progress)
    size = classifier.config.preprocessing
    return prepare(manifest, size, progress, store=config.store, tolerated=config.tolerate)


def _split(classifier: Classifier, prepared: Prepared, table: Path | None) -> Split | None:
    """Return the split that the model was trained with, or None for data that it was not trained on."""
    training = classifier.config.training
    if training is None or prepared.fingerprint != training.data.fingerprint:
        return None
    return _training_split(prepared, training, table)


def _training_split(prepared: Prepared, training: Provenance, table: Path | None) -> Split:
    """Return the split of the training: from the run's table, or made again from the data and the seed."""
    manifest, split = prepared.manifest, training.split
    if table is not None and table.is_file():
        return replace(read_split_file(table, manifest), unit=split.unit, seed=split.seed)
    if split.file:
        raise UsageError("this model's split came from a file, which is not in its bundle", hint="evaluate its run")
    policy = SplitPolicy(
        how=split.unit,
        fractions=split.fractions,
        seed=split.seed,
        folds=split.folds,
        fold=split.fold,
        identical=training.recipe.identical,
    )
    return policy.split(manifest, prepared.contents)
