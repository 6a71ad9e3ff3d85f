"""Temperature scaling: logits divided by one number, so that probabilities fit how often the model is right.

Guo et al., "On Calibration of Modern Neural Networks" (2017). The predicted class does not change.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LOWEST, HIGHEST = 0.05, 20.0
"""The range in which the temperature is sought."""


def fit_temperature(logits: NDArray[np.floating], labels: NDArray[np.integer]) -> float | None:
    """Return the temperature with the lowest cross-entropy; None if there is only one class, or no image is wrong.

    Without an error the cross-entropy falls for ever smaller temperatures, and says nothing about other images.

    Args:
        logits: A row for each image, a column for each class; or a single column for two classes.
        labels: The true class of each image, as a number.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import logsumexp

    scores = np.asarray(logits, dtype=np.float64)
    if scores.shape[1] == 1:
        scores = np.concatenate([np.zeros_like(scores), scores], axis=1)
    right = scores[np.arange(len(labels)), labels]
    if len(np.unique(labels)) < 2 or np.all(right >= scores.max(axis=1)):
        return None

    def cross_entropy(log_temperature: float) -> float:
        scaled = scores / np.exp(log_temperature)
        return float(np.mean(logsumexp(scaled, axis=1) - right / np.exp(log_temperature)))

    found = minimize_scalar(cross_entropy, bounds=(np.log(LOWEST), np.log(HIGHEST)), method="bounded")
    return float(np.exp(found.x))
