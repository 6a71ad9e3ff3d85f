"""What every part of a training needs, from the first record to the evaluation."""

from __future__ import annotations

from dataclasses import dataclass

from zoo.distributed.world import World
from zoo.training.compute import ComputePlan
from zoo.training.plan import Plan
from zoo.training.training_data import TrainingData


@dataclass(frozen=True, kw_only=True)
class TrainingSetup:
    """A plan with its data, and what it is computed by."""

    plan: Plan
    """The model, the recipe and the configuration."""
    data: TrainingData
    """The images, their labels and their split."""
    compute: ComputePlan
    """The device, the precision and the like."""
    world: World
    """The processes that train together."""
