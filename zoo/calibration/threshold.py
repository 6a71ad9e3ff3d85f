"""Which class is predicted, and the decision threshold of two classes, chosen on validation images."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

DEFAULT = 0.5


def predicted_classes(scores: NDArray[np.floating], cutoff: float | None) -> NDArray[np.int64]:
    """Return the predicted class of each row, as a number.

    Args:
        scores: A row for each image, a column for each class: log odds or probabilities.
        cutoff: Of two classes, the second is predicted if its score is above this. None for the class with the highest
            score, the first of several.
    """
    if cutoff is None:
        return np.asarray(scores.argmax(axis=1))
    return np.asarray(scores[:, 1] > cutoff).astype(np.int64)


def cutoff_of_log_odds(threshold: float, temperature: float) -> float | None:
    """Return the cutoff of the log odds of a network's own outputs; None for the most probable class.

    Args:
        threshold: The decision threshold on the calibrated probability of the second of two classes.
        temperature: What the outputs are divided by for that probability.
    """
    return None if threshold == DEFAULT else temperature * math.log(threshold / (1 - threshold))


def choose_threshold(probabilities: NDArray[np.floating], labels: NDArray[np.integer]) -> float | None:
    """Return the threshold on the positive class's probability with the highest balanced accuracy.

    An image is called positive if its probability is above the threshold. Of several equally good ones, it is the
    middle of the range that is closest to 0.5. None if one of the classes has no image, or if every threshold that is
    as good has a probability of 0 or 1.

    Args:
        probabilities: The probability of the positive class of each image.
        labels: 1 for the positive class, 0 for the other.
    """
    values = np.asarray(probabilities, dtype=np.float64)
    positive = np.asarray(labels) == 1
    if positive.all() or not positive.any():
        return None
    edges = np.unique(values)
    bounds = np.concatenate([[0.0], edges, [1.0]])
    sensitivity = 1 - np.searchsorted(np.sort(values[positive]), edges, side="right") / positive.sum()
    specificity = np.searchsorted(np.sort(values[~positive]), edges, side="right") / (~positive).sum()
    # thresholds from edges[i] up to the next edge give the same answers; below all edges, all images are positive
    balanced = np.concatenate([[0.5], (sensitivity + specificity) / 2])
    best = np.flatnonzero(balanced >= balanced.max() - 1e-12)
    middles = (bounds[best] + bounds[best + 1]) / 2
    found = float(middles[np.argmin(np.abs(middles - DEFAULT))])
    return found if 0 < found < 1 else None
