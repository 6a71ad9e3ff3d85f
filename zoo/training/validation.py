"""Loss and accuracies on the validation part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SMALLEST = 1e-12
"""Smaller probabilities count as this one; zero would make the loss infinite."""


@dataclass(frozen=True, kw_only=True)
class Validation:
    """Loss and accuracies on the validation part; None where there is no validation part."""

    val_loss: float | None = None
    val_accuracy: float | None = None
    val_balanced_accuracy: float | None = None


def validate(probabilities: np.ndarray, labels: np.ndarray) -> Validation:
    """Return loss and accuracies of predicted probabilities, a row for each image and a column for each class."""
    right = probabilities.argmax(axis=1) == labels
    likelihood = probabilities[np.arange(len(labels)), labels].clip(SMALLEST)
    return Validation(
        val_loss=float(-np.log(likelihood).mean()),
        val_accuracy=float(right.mean()),
        val_balanced_accuracy=float(np.mean([right[labels == label].mean() for label in np.unique(labels)])),
    )
