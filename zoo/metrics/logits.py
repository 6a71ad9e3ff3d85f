"""What follows from a network's outputs, in float64 and without rounding a probability to 0 or 1.

`1 - sigmoid(z)` in float32 is 0 from z = 16.6 on. A loss computed from it is wrong, and scores that were different
become ties, which changes the area under the ROC curve. The log odds of a class against the rest have neither fault.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def log_odds(logits: NDArray[np.floating]) -> FloatArray:
    """Return log(p / (1 - p)) of each class, N x classes.

    Args:
        logits: N x classes; or N x 1, the log odds of the second of two classes (a sigmoid output).
    """
    with np.errstate(invalid="ignore"):  # infinite logits have no odds: NaN
        return _log_odds(logits.astype(np.float64))


def _log_odds(outputs: FloatArray) -> FloatArray:
    if outputs.shape[1] <= 2:
        margin = outputs[:, -1] - (outputs[:, 0] if outputs.shape[1] == 2 else 0)
        return np.stack([-margin, margin], axis=1)
    rows, top = np.arange(len(outputs)), outputs.argmax(axis=1)
    below = outputs - outputs[rows, top][:, None]
    below[rows, top] = -np.inf
    second = below.max(axis=1)
    rest = second + np.log(np.exp(below - second[:, None]).sum(axis=1))
    below[rows, top] = 0
    log_probabilities = below - np.log1p(np.exp(rest))[:, None]
    odds = log_probabilities - np.log1p(-np.exp(np.minimum(log_probabilities, -np.log(2))))
    return np.asarray(np.where(below == 0, -rest[:, None], odds))  # the highest one, and others that are as high


def cross_entropies(odds: FloatArray, labels: NDArray[np.int64]) -> FloatArray:
    """Return -log(p) of the right class of each row.

    Args:
        odds: The log odds of each class, N x classes.
        labels: The index of the right class of each row.
    """
    with np.errstate(invalid="ignore"):
        return np.asarray(np.logaddexp(0, -odds[np.arange(len(labels)), labels]))


def expit(odds: FloatArray) -> FloatArray:
    """Return the probability of each log odds: 1 / (1 + exp(-odds))."""
    with np.errstate(over="ignore"):  # exp(710) is infinite, and the probability 0
        return np.asarray(1 / (1 + np.exp(-odds)))
