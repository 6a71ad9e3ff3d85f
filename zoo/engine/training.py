"""One training from a name to a bundle."""

from __future__ import annotations

import json
import platform
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from zoo import __version__
from zoo.classifier import Classifier, from_blueprint, from_pretrained
from zoo.data.loading import load_pixels
from zoo.data.manifest import Manifest
from zoo.data.reading import read_manifest
from zoo.data.split import PARTS, Split, make_split, write_split
from zoo.device import Compute, Precision, choose_compute
from zoo.engine.evaluation import evaluate_classifier
from zoo.engine.fit import Data, Epoch, as_row, fit
from zoo.engine.plan import Init, Plan, make_plan
from zoo.engine.weights import Start, initialise
from zoo.errors import TrainingError
from zoo.hub.bundle import write_report
from zoo.hub.card import card
from zoo.progress import Silent, Watcher
from zoo.recipes import RecipeChanges, plain
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
    device: str = "auto",
    precision: Precision = "auto",
    out: str | Path | None = None,
    watch: Watcher | None = None,
    **changes: Unpack[RecipeChanges],
) -> Run:
    """Train a model and evaluate it on its held-out part; the run folder holds everything this made.

    `options` are the data source's, `model_options` the architecture's, `changes` the recipe's.
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
        changes=changes,
    )
    compute = choose_compute(device, precision)
    manifest = read_manifest(plan.source, root=plan.root, options=plan.options, watch=watch)
    split = make_split(manifest, unit=plan.recipe.split, fractions=plan.recipe.fractions, seed=plan.seed)
    _check_batch(plan.recipe.batch_size, split)
    run = Run.create(
        {
            **plan.as_dict(),
            "precision": "bfloat16" if compute.bfloat16 else "float32",
            "device": compute.why,
            "data_name": manifest.name,
            "synthetic": manifest.synthetic,
        },
        name=f"{name}-{plan.source.name}",
        out=Path(out) if out is not None else None,
    )
    try:
        _train_into(run, plan, manifest, split, compute, watch)
    except KeyboardInterrupt:
        run.finish("interrupted")
        raise
    except Exception as error:
        with suppress(OSError):  # a full disk has no room for this either; the first error is the one to tell
            run.finish("failed", error=str(error))
        raise
    run.finish("finished")
    return run


def _check_batch(size: int, split: Split) -> None:
    if size > len(split.train):
        raise TrainingError(
            f"a batch of {size} is larger than the training part, which has {len(split.train)} images",
            hint="give a smaller --batch-size",
        )


def _train_into(run: Run, plan: Plan, manifest: Manifest, split: Split, compute: Compute, watch: Watcher) -> None:
    write_split(run.path / SPLIT, manifest, split)
    torch.manual_seed(plan.seed)
    classifier = from_blueprint(plan.blueprint, manifest.classes)
    start = initialise(classifier.network, plan.blueprint, plan.init, watch)
    fingerprint = manifest.fingerprint()
    run.update({"fingerprint": fingerprint, "initial_weights": start.as_dict()})
    watch.say(f"computing on {compute.why}")
    pixels = load_pixels(manifest.samples, plan.blueprint.preprocessing, watch)
    fitted = fit(
        classifier,
        Data(pixels=pixels, labels=np.array(manifest.labels), split=split),
        plan.recipe,
        seed=plan.seed,
        compute=compute,
        watch=watch,
        on_epoch=lambda epoch: _append(run.path / HISTORY, epoch),
    )
    classifier.network.load_state_dict(fitted.weights)
    facts = _facts(plan, manifest, split, compute, start, fingerprint, classifier)
    classifier.describe_training({**facts, "epochs_run": fitted.epochs_run, "best_epoch": fitted.best_epoch}).save(
        run.bundle
    )
    # measured on what was written, as everybody else will load it
    evaluation = evaluate_classifier(
        from_pretrained(run.bundle),
        manifest,
        fingerprint=fingerprint,
        split=split,
        part="test",
        compute=choose_compute(str(compute.device), "float32"),
        watch=watch,
    )
    evaluation.write(run.path)
    config = json.loads((run.bundle / "config.json").read_text(encoding="utf-8"))
    write_report(run.bundle, metrics=evaluation.as_dict(), card=card(config, evaluation.as_dict()))


def _facts(
    plan: Plan,
    manifest: Manifest,
    split: Split,
    compute: Compute,
    start: Start,
    fingerprint: str,
    classifier: Classifier,
) -> dict[str, Any]:
    """What config.json says about how the weights came about."""
    groups = manifest.groups
    patients = None
    if groups is not None:
        patients = {part: len({groups[index] for index in split.part(part)}) for part in PARTS}
    return {
        "recipe": plain(plan.recipe),
        "data": {
            "source": manifest.source,
            "name": manifest.name,
            "synthetic": manifest.synthetic,
            "fingerprint": fingerprint,
            "options": dict(plan.options),
            "images": dict(Counter(sample.label for sample in manifest.samples)),
        },
        "split": {
            "unit": split.unit,
            "seed": split.seed,
            "fractions": list(plan.recipe.fractions),
            "images": {part: len(split.part(part)) for part in PARTS},
            "patients": patients,
        },
        "seed": plan.seed,
        "init": start.as_dict(),
        "parameters": sum(parameter.numel() for parameter in classifier.parameters()),
        "device": compute.why,
        "versions": {
            "histozoo": __version__,
            "torch": torch.__version__,
            "python": platform.python_version(),
        },
    }


def _append(path: Path, epoch: Epoch) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(as_row(epoch)) + "\n")
