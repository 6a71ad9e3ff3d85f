"""Loss and accuracies on the validation part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zoo.metrics.logits import cross_entropies, log_odds


@dataclass(frozen=True, kw_only=True)
class Validation:
    """Loss and accuracies on the validation part; None where there is no validation part."""

    val_loss: float | None = None
    val_accuracy: float | None = None
    val_balanced_accuracy: float | None = None


def validate(logits: NDArray[np.floating], labels: NDArray[np.int64]) -> Validation:
    """Return loss and accuracies of predictions.

    Args:
        logits: The outputs of the network, a row for each image.
        labels: The index of each image's class.
    """
    odds = log_odds(logits)
    right = odds.argmax(axis=1) == labels
    return Validation(
        val_loss=float(cross_entropies(odds, labels).mean()),
        val_accuracy=float(right.mean()),
        val_balanced_accuracy=float(np.mean([right[labels == label].mean() for label in np.unique(labels)])),
    )
