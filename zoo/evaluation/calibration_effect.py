"""What the calibration of a classifier changes on the images of an evaluation."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from zoo.classifier import Classifier
from zoo.classifier.prediction import class_probabilities
from zoo.metrics.calibration_error import expected_calibration_error
from zoo.metrics.calibration_result import CalibrationResult


def calibration_result(
    classifier: Classifier, logits: NDArray[np.floating], labels: NDArray[np.integer]
) -> CalibrationResult:
    """Return the calibration of a classifier, with the calibration error without and with it.

    Args:
        classifier: The classifier.
        logits: Its outputs, a row for each image.
        labels: The true class of each image, as a number.
    """
    calibration, head = classifier.calibration, classifier.config.head
    before, after = (
        expected_calibration_error(
            class_probabilities(torch.from_numpy(logits), head, temperature=temperature).numpy(), labels
        )
        for temperature in (1.0, calibration.divisor)
    )
    return CalibrationResult(
        calibrated=str(calibration),
        temperature=calibration.temperature,
        threshold=calibration.threshold if len(classifier.classes) == 2 else None,
        chosen=calibration.chosen,
        error_before=before,
        error=after,
    )
