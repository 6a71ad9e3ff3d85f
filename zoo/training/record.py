"""What a run and a bundle record of a training: its data, its split, its outcome, and the provenance of the weights."""

from __future__ import annotations

import platform
from typing import Any

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
from zoo.config.plain import plain
from zoo.data.manifest import Manifest
from zoo.data.pixels.prepare import Prepared
from zoo.data.split.leakage import find_leak
from zoo.data.split.split import PARTS, Split
from zoo.training.loop import TrainingResult
from zoo.training.plan import Plan
from zoo.version import __version__


def training_dataset(plan: Plan, prepared: Prepared) -> TrainingDataset:
    """Return what is recorded of the images."""
    manifest = prepared.manifest
    return TrainingDataset(
        source=manifest.source,
        name=manifest.name,
        synthetic=manifest.synthetic,
        fingerprint=prepared.fingerprint,
        options=dict(plan.options),
        images=manifest.counts(),
        unreadable=len(prepared.unreadable),
    )


def training_split(plan: Plan, manifest: Manifest, split: Split) -> TrainingSplit:
    """Return what is recorded of the split: how it was made, the sizes of its parts, and what leaks between them."""
    return TrainingSplit(
        unit=split.unit,
        seed=split.seed,
        fractions=plan.recipe.fractions,
        folds=plan.recipe.folds,
        fold=plan.recipe.fold,
        file=plan.split_file is not None,
        images=PartSizes(**{part: len(split.part(part)) for part in PARTS}),
        patients=_patients(manifest, split),
        leak=find_leak(manifest, split),
    )


def _patients(manifest: Manifest, split: Split) -> PartSizes | None:
    """Return the number of patients in each part; None when the patients are not known."""
    groups = manifest.groups
    if groups is None:
        return None
    return PartSizes(**{part: len({groups[index] for index in split.part(part)}) for part in PARTS})


def training_outcome(result: TrainingResult, *, memory: int | None, joules: float | None) -> TrainingOutcome:
    """Return what a training found, and what it took: the peak of its memory in bytes, and its energy in joules."""
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


def provenance(
    plan: Plan,
    prepared: Prepared,
    split: Split,
    *,
    device: str,
    init: InitialWeights,
    parameters: int,
    outcome: TrainingOutcome,
) -> Provenance:
    """Return what a bundle states about the training of its weights.

    Args:
        plan: The model, the recipe, and the data source.
        prepared: The images.
        split: Which image is in which part.
        device: How it was computed, in words.
        init: The weights that training started from.
        parameters: The number of parameters of the network.
        outcome: What the training found.
    """
    return Provenance(
        recipe=plan.recipe,
        data=training_dataset(plan, prepared),
        split=training_split(plan, prepared.manifest, split),
        seed=plan.seed,
        init=init,
        parameters=parameters,
        device=device,
        versions=Versions(histozoo=__version__, torch=str(torch.__version__), python=platform.python_version()),
        outcome=outcome,
    )


def data_facts(plan: Plan, prepared: Prepared) -> dict[str, Any]:
    """Return what run.yaml says of the images."""
    return dict(plain(training_dataset(plan, prepared)))


def split_facts(plan: Plan, manifest: Manifest, split: Split) -> dict[str, Any]:
    """Return what run.yaml says of the split."""
    return dict(plain(training_split(plan, manifest, split)))
