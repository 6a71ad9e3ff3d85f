"""Measuring a model that lies somewhere: on the held-out part of its own data, or on other data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from zoo.classifier import from_pretrained
from zoo.config.train_config import TOLERATED
from zoo.data.manifest import Manifest
from zoo.data.pixels.prepare import prepare
from zoo.data.source_lookup import find_source, read_manifest
from zoo.data.split.policy import SplitPolicy, read_split_file
from zoo.data.split.split import Split
from zoo.device import Compute, choose_compute, choose_device
from zoo.distributed.world import World, local_device, open_world
from zoo.errors import UsageError
from zoo.evaluation.report import Evaluation, evaluate_classifier
from zoo.progress import Reporter, Silent
from zoo.registry import registry
from zoo.runs import SPLIT, Run, is_run


def evaluate(
    model: str | Path | Run,
    *,
    data: str | None = None,
    root: str | Path | None = None,
    options: Mapping[str, Any] | None = None,
    part: str = "test",
    device: str = "auto",
    store: bool = True,
    tolerate: float = TOLERATED,
    progress: Reporter | None = None,
) -> Evaluation:
    """Measure a run, a bundle or a Hub model: on the held-out part of its own data, or on other data whole."""
    compute = choose_compute(str(local_device(choose_device(device))), "float32")
    with open_world(compute.device) as world:
        progress = (progress or Silent()) if world.chief else Silent()
        return _evaluated(
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


def _evaluated(
    model: str | Path | Run,
    *,
    data: str | None,
    root: str | Path | None,
    options: Mapping[str, Any] | None,
    part: str,
    store: bool,
    tolerate: float,
    compute: Compute,
    progress: Reporter,
    world: World,
) -> Evaluation:
    path = Path(model)
    classifier = from_pretrained(path if path.exists() else str(model))
    trained = classifier.config.training
    known = trained.get("data", {})
    if data is None and not known:
        raise UsageError("this model does not say what it was trained on", hint="give --data and --root")
    if root is None and data is None and is_run(path):
        root = Run.open(path).record.config.data.root
    own = data is None or data == known.get("source")
    source, place = find_source(data or known["source"], root, registry().plugins.sources)
    own = source.name == known.get("source")
    manifest = read_manifest(
        source,
        root=place,
        options=options if options is not None else (known.get("options") if own else None),
        progress=progress,
    )
    prepared = prepare(manifest, classifier.config.preprocessing, progress, store=store, tolerated=tolerate)
    world.agree("data", prepared.fingerprint)
    split = None
    if prepared.fingerprint == known.get("fingerprint"):
        split = _own_split(prepared.manifest, trained, path / SPLIT if is_run(path) else None)
    elif part != "test":
        raise UsageError(f"there is no {part} part: these are not the data this model was trained on")
    else:
        progress.say("these are not the data this model was trained on: all of their images are evaluated")
    return evaluate_classifier(
        classifier, prepared, split=split, part=part, compute=compute, progress=progress, world=world
    )


def _own_split(manifest: Manifest, trained: Mapping[str, Any], table: Path | None) -> Split:
    """The split of the training: a run kept it; without it, it follows from the data and the seed."""
    facts = trained["split"]
    if table is not None and table.is_file():
        return replace(read_split_file(table, manifest), unit=facts["unit"], seed=facts["seed"])
    if facts.get("file"):
        raise UsageError("this model's split came from a file, which is not in its bundle", hint="evaluate its run")
    return SplitPolicy(
        how=facts["unit"],
        fractions=tuple(facts["fractions"]),
        seed=facts["seed"],
        folds=facts.get("folds"),
        fold=facts.get("fold", 0),
    ).split(manifest)
