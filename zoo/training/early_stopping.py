"""The best epoch, whose weights are kept, and when to stop for want of a better one."""

from __future__ import annotations

import math

from zoo.config.recipe import Recipe
from zoo.training.validation import Validation


def epoch_score(recipe: Recipe, epoch: int, validation: Validation) -> float:
    """Return the score of an epoch by the recipe's measure, more being better; without validation, the last is best."""
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
    """Whether an epoch's score is better than the best before it; NaN never is."""
    return math.isfinite(score) and (best is None or score > best)


def stops_early(recipe: Recipe, *, epochs: int, best_epoch: int) -> bool:
    """Whether, after so many epochs, the recipe's patience is at its end."""
    return recipe.patience is not None and epochs - best_epoch >= recipe.patience
