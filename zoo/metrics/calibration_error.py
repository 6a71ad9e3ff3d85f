"""The expected calibration error: how far the probability of the predicted class is from how often it is right."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BINS = 15


def expected_calibration_error(
    probabilities: NDArray[np.floating], labels: NDArray[np.integer], predicted: NDArray[np.integer] | None = None
) -> float:
    """Return the mean difference between confidence and accuracy over 15 groups of images with similar confidence.

    The groups have equally many images (Nixon et al., "Measuring Calibration in Deep Learning", 2019): with groups of
    equal width, as in Guo et al. (2017), most are nearly empty.

    Args:
        probabilities: A row for each image, a column for each class.
        labels: The true class of each image, as a number.
        predicted: The predicted class of each image; by default the most probable one.
    """
    called = np.asarray(probabilities).argmax(axis=1) if predicted is None else np.asarray(predicted)
    confidence = np.asarray(probabilities)[np.arange(len(labels)), called]
    right = (called == labels).astype(np.float64)
    groups = [group for group in np.array_split(np.argsort(confidence, kind="stable"), BINS) if len(group)]
    gaps = [abs(confidence[group].mean() - right[group].mean()) * len(group) for group in groups]
    return float(sum(gaps) / len(labels))
