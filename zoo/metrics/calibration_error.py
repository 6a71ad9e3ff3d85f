"""The expected calibration error: how far the probability of the most probable class is from how often it is right."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BINS = 15


def calibration_groups(confidence: NDArray[np.floating]) -> NDArray[np.int64]:
    """Return the group of each image: one of 15 with equally many images of similar confidence.

    (Nixon et al., "Measuring Calibration in Deep Learning", 2019.) With groups of equal width, as in Guo et al. (2017),
    most are nearly empty. Images of the same confidence are in the same group, that of the middle one: if they were
    divided, it would be by their order, or by which of them are right. What differs by rounding counts as the same.

    Args:
        confidence: The probability of the most probable class of each image.
    """
    _, value, images = np.unique(np.round(confidence, 12), return_inverse=True, return_counts=True)
    middle = np.cumsum(images) - images + (images - 1) // 2
    parts = np.array_split(np.arange(len(confidence)), BINS)
    groups = np.repeat(np.arange(BINS), [len(part) for part in parts])
    return np.asarray(groups[middle[value]], dtype=np.int64)


def expected_calibration_error(probabilities: NDArray[np.floating], labels: NDArray[np.integer]) -> float:
    """Return the mean difference between confidence and accuracy over 15 groups of images with similar confidence.

    Args:
        probabilities: A row for each image, a column for each class.
        labels: The true class of each image, as a number.
    """
    called = np.asarray(probabilities).argmax(axis=1)
    confidence = np.asarray(probabilities)[np.arange(len(labels)), called]
    right = called == labels
    gaps = np.bincount(calibration_groups(confidence), weights=confidence - right)
    return float(np.abs(gaps).sum() / len(labels))
