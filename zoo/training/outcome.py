"""What a bundle's config.json says about how its weights came about."""

from __future__ import annotations

import platform
from typing import Any

import numpy as np
import torch

from zoo.classifier import Classifier
from zoo.config.plain import plain
from zoo.training.compute import ComputePlan
from zoo.training.facts import data_facts, split_facts
from zoo.training.initial_weights import InitialWeights
from zoo.training.loop import TrainingResult
from zoo.training.plan import Plan
from zoo.training.training_data import TrainingData
from zoo.version import __version__


def training_facts(
    plan: Plan, data: TrainingData, compute: ComputePlan, weights: InitialWeights, classifier: Classifier
) -> dict[str, Any]:
    """Everything but what the training itself found out."""
    return {
        "recipe": plain(plan.recipe),
        "data": data_facts(plan, data.prepared),
        "split": split_facts(plan, data.manifest, data.split),
        "seed": plan.config.seed,
        "init": weights.as_dict(),
        "parameters": sum(parameter.numel() for parameter in classifier.parameters()),
        "device": compute.why,
        "versions": {
            "histozoo": __version__,
            "torch": torch.__version__,
            "python": platform.python_version(),
        },
    }


def outcome(fitted: TrainingResult, *, memory: int | None, joules: float | None) -> dict[str, Any]:
    """What the training itself found out, and what it took."""
    rows = fitted.rows
    best = rows[fitted.best_epoch - 1]
    return {
        "epochs_run": len(rows),
        "best_epoch": fitted.best_epoch,
        "seconds": round(rows[-1].elapsed, 3),
        "seconds_to_best": round(best.elapsed, 3),
        "images_per_second": round(float(np.median([row.images_per_second for row in rows])), 2),
        "peak_memory_bytes": memory,
        "energy_joules": joules,
    }
