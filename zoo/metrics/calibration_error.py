"""The expected calibration error: how far the probability of the most probable class is from how often it is right."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BINS = 15


def calibration_groups(confidence: NDArray[np.floating], right: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the group of each image: one of 15 with equally many images of similar confidence.

    (Nixon et al., "Measuring Calibration in Deep Learning", 2019.) With groups of equal width, as in Guo et al. (2017),
    most are nearly empty.

    Args:
        confidence: The probability of the most probable class of each image.
        right: Whether that class is right. Of images with the same confidence, the wrong ones come first, so that the
            order of the images does not matter; what differs by rounding counts as the same.
    """
    groups = np.empty(len(confidence), dtype=np.int64)
    for number, members in enumerate(np.array_split(np.lexsort((right, np.round(confidence, 12))), BINS)):
        groups[members] = number
    return groups


def expected_calibration_error(probabilities: NDArray[np.floating], labels: NDArray[np.integer]) -> float:
    """Return the mean difference between confidence and accuracy over 15 groups of images with similar confidence.

    Args:
        probabilities: A row for each image, a column for each class.
        labels: The true class of each image, as a number.
    """
    called = np.asarray(probabilities).argmax(axis=1)
    confidence = np.asarray(probabilities)[np.arange(len(labels)), called]
    right = called == labels
    gaps = np.bincount(calibration_groups(confidence, right), weights=confidence - right)
    return float(np.abs(gaps).sum() / len(labels))
