"""One training from a name to a bundle."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from zoo.classifier import from_blueprint, from_pretrained
from zoo.data.leak import find_leak
from zoo.data.preparing import TOLERATED, Prepared, prepare
from zoo.data.reading import read_manifest
from zoo.data.split import Split, write_split
from zoo.data.splitting import read_split
from zoo.device import Compute, Precision, choose_compute
from zoo.engine.evaluation import evaluate_classifier
from zoo.engine.facts import data_facts, split_facts, training_facts
from zoo.engine.fit import Data, Fit
from zoo.engine.history import append
from zoo.engine.plan import Init, Plan, make_plan
from zoo.engine.weights import initialise
from zoo.errors import TrainingError
from zoo.hub.bundle import read_config, write_report
from zoo.hub.card import card
from zoo.progress import Silent, Watcher
from zoo.recipes import RecipeChanges
from zoo.runs import HISTORY, SPLIT, Run
from zoo.spec import Scalar

if TYPE_CHECKING:
    from typing_extensions import Unpack


def train(
    name: str,
    *,
    data: str = "sample",
    root: str | Path | None = None,
    options: Mapping[str, Scalar] | None = None,
    model_options: Mapping[str, Scalar] | None = None,
    recipe: str | None = None,
    init: Init = "auto",
    seed: int = 0,
    split_file: str | Path | None = None,
    device: str = "auto",
    precision: Precision = "auto",
    store: bool = True,
    tolerate: float = TOLERATED,
    out: str | Path | None = None,
    watch: Watcher | None = None,
    **changes: Unpack[RecipeChanges],
) -> Run:
    """Train a model and evaluate it on its held-out part; the run folder holds everything this made.

    `data` is a source's name with its `root`, or a path that says by itself what it is. `options` are the source's,
    `model_options` the architecture's, `changes` the recipe's. `split_file`: a table that says who is held out.
    `store=False` reads images from their files each time. `tolerate`: the share of images that may be unreadable.
    """
    watch = watch or Silent()
    plan = make_plan(
        name,
        data=data,
        root=root,
        options=options,
        model_options=model_options,
        recipe=recipe,
        init=init,
        seed=seed,
        split_file=split_file,
        changes=changes,
    )
    if plan.recipe.name != (own := plan.blueprint.entry.recipe) and recipe is None:
        watch.say(f"recipe {plan.recipe.name}, the {plan.source.name}'s; {name}'s own is {own} (--recipe {own})")
    compute = choose_compute(device, precision)
    manifest = read_manifest(plan.source, root=plan.root, options=plan.options, watch=watch)
    prepared = prepare(manifest, plan.blueprint.preprocessing, watch, store=store, tolerated=tolerate)
    split = _split(plan, prepared, watch)
    run = Run.create(
        {
            **plan.as_dict(),
            "precision": "bfloat16" if compute.bfloat16 else "float32",
            "device": compute.why,
            "data_name": manifest.name,
            "synthetic": manifest.synthetic,
            "data_facts": data_facts(plan, prepared),
            "split": split_facts(plan, prepared.manifest, split),
            "unreadable": dict(prepared.unreadable),
        },
        name=f"{name}-{plan.source.name}",
        out=Path(out) if out is not None else None,
    )
    try:
        _train_into(run, plan, prepared, split, compute, watch)
    except KeyboardInterrupt:
        run.finish("interrupted")
        raise
    except Exception as error:
        with suppress(OSError):  # a full disk has no room for this either; the first error is the one to tell
            run.finish("failed", error=str(error))
        raise
    run.finish("finished")
    return run


def _split(plan: Plan, prepared: Prepared, watch: Watcher) -> Split:
    """Who is held out; what leaks is said, and a batch must fit into what is left to train on."""
    manifest = prepared.manifest
    split = read_split(plan.split_file, manifest) if plan.split_file else plan.splitting.of(manifest)
    if leak := find_leak(manifest, split):
        watch.say(f"split by {split.unit}: {leak}")
    if plan.recipe.batch_size > len(split.train):
        raise TrainingError(
            f"a batch of {plan.recipe.batch_size} is larger than the training part, of {len(split.train)} images",
            hint="give a smaller --batch-size",
        )
    return split


def _train_into(run: Run, plan: Plan, prepared: Prepared, split: Split, compute: Compute, watch: Watcher) -> None:
    manifest = prepared.manifest
    write_split(run.path / SPLIT, manifest, split)
    torch.manual_seed(plan.seed)
    classifier = from_blueprint(plan.blueprint, manifest.classes)
    start = initialise(classifier.network, plan.blueprint, plan.init, watch)
    run.update({"initial_weights": start.as_dict()})
    watch.say(f"computing on {compute.why}")
    data = Data(pixels=prepared.pixels, labels=np.array(manifest.labels), split=split)
    fitted = Fit(classifier, data, plan.recipe, seed=plan.seed, compute=compute, watch=watch).run(
        lambda epoch: append(run.path / HISTORY, epoch)
    )
    classifier.network.load_state_dict(fitted.weights)
    facts = training_facts(plan, prepared, split, compute, start, classifier)
    outcome = {"epochs_run": fitted.epochs_run, "best_epoch": fitted.best_epoch}
    classifier.describe_training({**facts, **outcome}).save(run.bundle)
    # measured on what was written, as everybody else will load it
    evaluation = evaluate_classifier(
        from_pretrained(run.bundle),
        prepared,
        split=split,
        part="test",
        compute=choose_compute(str(compute.device), "float32"),
        watch=watch,
    )
    evaluation.write(run.path)
    measured = evaluation.as_dict()
    write_report(run.bundle, metrics=measured, card=card(read_config(run.bundle), measured))
