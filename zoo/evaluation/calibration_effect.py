"""What the calibration of a classifier is worth on some images: its probabilities and its prediction sets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from zoo.classifier import Classifier
from zoo.classifier.prediction import class_probabilities
from zoo.metrics.calibration_error import expected_calibration_error
from zoo.metrics.calibration_result import CalibrationResult
from zoo.metrics.coverage import CoverageResult, measure_coverage
from zoo.metrics.novelty_result import NoveltyResult
from zoo.metrics.patient_mean import patient_mean


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


def coverage_result(
    classifier: Classifier,
    probabilities: NDArray[np.float64],
    labels: NDArray[np.integer],
    groups: Sequence[str] | None,
    coverage: float,
) -> CoverageResult:
    """Return how often prediction sets contain the true class.

    Args:
        classifier: The classifier.
        probabilities: Its calibrated probabilities, a row for each image.
        labels: The true class of each image, as a number.
        groups: The patient of each image; None if not known.
        coverage: The coverage that is asked for.
    """
    calibration, classes = classifier.calibration, classifier.classes
    note = calibration.check_coverage(coverage, classes)
    sets = calibration.sets(probabilities, coverage)
    return measure_coverage(sets, labels, classes=classes, groups=groups, asked=coverage, note=note)


def novelty_result(novelty: NDArray[np.floating] | None, groups: Sequence[str] | None) -> NoveltyResult | None:
    """Return how many images are unlike the training images; None for a model that cannot tell.

    Args:
        novelty: The novelty of each image.
        groups: The patient of each image; None if not known.
    """
    if novelty is None:
        return None
    unlike = novelty > 1
    return NoveltyResult(images=int(unlike.sum()), share=patient_mean(unlike, groups))
