"""How good the weights are now, on the validation part, and which epoch's are kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zoo.spec import Recipe

LEAST = 1e-12
"""A probability of zero would make the loss infinite."""


@dataclass(frozen=True, kw_only=True)
class Validation:
    """Loss and accuracies; None where there is no validation part."""

    val_loss: float | None = None
    val_accuracy: float | None = None
    val_balanced_accuracy: float | None = None


def validated(probabilities: np.ndarray, truth: np.ndarray) -> Validation:
    """Measure the probabilities of the validation part."""
    right = probabilities.argmax(axis=1) == truth
    likelihood = probabilities[np.arange(len(truth)), truth].clip(LEAST)
    return Validation(
        val_loss=float(-np.log(likelihood).mean()),
        val_accuracy=float(right.mean()),
        val_balanced_accuracy=float(np.mean([right[truth == label].mean() for label in np.unique(truth)])),
    )


def rank(recipe: Recipe, epoch: int, found: Validation) -> float:
    """How good an epoch is by the recipe's measure, more being better; without a validation part the last is."""
    measures = {
        "loss": found.val_loss,
        "accuracy": found.val_accuracy,
        "balanced_accuracy": found.val_balanced_accuracy,
    }
    value = measures.get(recipe.select)
    if value is None:
        return float(epoch)
    return -value if recipe.select == "loss" else value
