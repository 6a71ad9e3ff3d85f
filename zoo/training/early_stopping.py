"""Early stopping: which epoch is the best, and when to stop because no later one was better."""

from __future__ import annotations

import math

from zoo.config.recipe import Recipe
from zoo.training.validation import Validation


def epoch_score(recipe: Recipe, epoch: int, validation: Validation) -> float:
    """Return the score of an epoch by the recipe's measure; higher is better. Without validation, later is better."""
    measures = {
        "loss": validation.val_loss,
        "accuracy": validation.val_accuracy,
        "balanced_accuracy": validation.val_balanced_accuracy,
    }
    value = measures.get(recipe.select)
    if value is None:
        return float(epoch)
    return -value if recipe.select == "loss" else value


def is_better(score: float, best: float | None) -> bool:
    """Whether a score is better than the best one before it; NaN never is."""
    return math.isfinite(score) and (best is None or score > best)


def stops_early(recipe: Recipe, *, epochs: int, best_epoch: int) -> bool:
    """Whether training stops after `epochs`, because the recipe's patience has run out."""
    return recipe.patience is not None and epochs - best_epoch >= recipe.patience
