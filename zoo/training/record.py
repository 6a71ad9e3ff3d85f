"""What a run and a bundle record of a training: its data, its split, its outcome, and the provenance of the weights."""

from __future__ import annotations

import platform

import numpy as np
import torch

from zoo.bundle.provenance import (
    InitialWeights,
    PartSizes,
    Provenance,
    TrainingDataset,
    TrainingOutcome,
    TrainingSplit,
    Versions,
)
from zoo.data.identical_images import identical_sets
from zoo.data.image_scale import image_scale
from zoo.data.manifest import Manifest
from zoo.data.pixels.prepare import Prepared
from zoo.data.split.identical import describe_identical
from zoo.data.split.leakage import find_leak
from zoo.data.split.split import PARTS, Split
from zoo.runs.run import now
from zoo.runs.run_record import Resolved, RunRecord
from zoo.training.code_version import code_version
from zoo.training.loop import TrainingResult
from zoo.training.plan import Plan
from zoo.training.setup import TrainingSetup
from zoo.version import __version__


def training_dataset(plan: Plan, prepared: Prepared) -> TrainingDataset:
    """Return the record of the data: its source, its fingerprint and its numbers of images."""
    manifest = prepared.manifest
    return TrainingDataset(
        source=manifest.source,
        name=manifest.name,
        synthetic=manifest.synthetic,
        fingerprint=prepared.fingerprint,
        options=plan.source_options,
        images=manifest.counts(),
        unreadable=len(prepared.unreadable),
        scale=image_scale(manifest.samples),
    )


def training_split(plan: Plan, prepared: Prepared, split: Split) -> TrainingSplit:
    """Return the record of the split: how it was made, the sizes of its parts, and the leak between them, if any."""
    manifest = prepared.manifest
    return TrainingSplit(
        unit=split.unit,
        seed=split.seed,
        fractions=plan.recipe.fractions,
        folds=plan.recipe.folds,
        fold=plan.recipe.fold,
        file=plan.config.split_file is not None,
        images=PartSizes(**{part: len(split.part(part)) for part in PARTS}),
        patients=_patients(manifest, split),
        identical=describe_identical(manifest, split, identical_sets(prepared.contents)),
        leak=find_leak(manifest, split, prepared.contents),
    )


def _patients(manifest: Manifest, split: Split) -> PartSizes | None:
    """Return the number of patients in each part; None when the patients are not known."""
    groups = manifest.groups
    if groups is None:
        return None
    return PartSizes(**{part: len({groups[index] for index in split.part(part)}) for part in PARTS})


def training_outcome(result: TrainingResult, *, memory: int | None, joules: float | None) -> TrainingOutcome:
    """Return the record of a finished training: its best epoch, its duration, and the memory and energy it used.

    Args:
        result: What the training loop returned.
        memory: Peak memory in bytes, if known.
        joules: Energy in joules, if known.
    """
    rows = result.rows
    best = rows[result.best_epoch - 1]
    return TrainingOutcome(
        epochs_run=len(rows),
        best_epoch=result.best_epoch,
        seconds=round(rows[-1].elapsed, 3),
        seconds_to_best=round(best.elapsed, 3),
        images_per_second=round(float(np.median([row.images_per_second for row in rows])), 2),
        peak_memory_bytes=memory,
        energy_joules=joules,
    )


def provenance(setup: TrainingSetup, *, init: InitialWeights, parameters: int, outcome: TrainingOutcome) -> Provenance:
    """Return what a bundle says about the training of its weights.

    Args:
        setup: The training.
        init: The weights that training started from.
        parameters: The number of parameters of the network.
        outcome: The outcome of the training.
    """
    plan, data = setup.plan, setup.data
    return Provenance(
        recipe=plan.recipe.starting_from(init.used),
        data=training_dataset(plan, data.prepared),
        split=training_split(plan, data.prepared, data.split),
        seed=plan.config.seed,
        init=init,
        parameters=parameters,
        device=setup.compute.description,
        versions=Versions(histozoo=__version__, torch=str(torch.__version__), python=platform.python_version()),
        outcome=outcome,
    )


def run_record(setup: TrainingSetup) -> RunRecord:
    """Return the record of a run that starts: enough to repeat it, and to find out whether anything has changed."""
    plan, data, chosen = setup.plan, setup.data, setup.compute.compute
    return RunRecord(
        status="running",
        started=now(),
        config=plan.config,
        resolved=Resolved(
            recipe=plan.recipe,
            model_options=plan.blueprint.options,
            data_options=plan.source_options,
            preprocessing=plan.blueprint.preprocessing,
            device=chosen.device.type,
            precision="bfloat16" if chosen.bfloat16 else "float32",
            layout="channels_last" if chosen.channels_last else "contiguous",
            computing=setup.compute.description,
            processes=setup.world.size,
            threads=chosen.threads or torch.get_num_threads() if chosen.device.type == "cpu" else None,
        ),
        data=training_dataset(plan, data.prepared),
        split=training_split(plan, data.prepared, data.split),
        split_digest=data.split_digest,
        unreadable=data.prepared.unreadable,
        code=code_version(plan.blueprint, plan.recipe.augment),
    )
