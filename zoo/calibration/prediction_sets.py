"""Prediction sets: the classes that cannot be ruled out, with a stated coverage for images of new patients.

Conformal prediction, calibrated for each class separately, so that the coverage holds for the images of each class.
Images of one patient resemble each other, so that they are not exchangeable, but patients are: every patient of a class
has the same weight, shared by its images, as in Lee, Barber and Willett, "Distribution-free inference with hierarchical
data" (2023). With few patients nothing can be ruled out: a coverage of 90 % needs at least nine of each class.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

COVERAGE = 0.9


@dataclass(frozen=True, kw_only=True)
class PredictionSets:
    """Which classes belong to a prediction set."""

    coverage: float
    """The share of a new patient's images, expected over patients, with their true class in the set."""
    thresholds: tuple[float | None, ...]
    """A class is in the set if its probability is at least this. None: always, since it had too few patients."""
    patients: tuple[int, ...]
    """How many patients of each class the thresholds were computed from; images, if patients are not known."""

    def members(self, probabilities: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Return which classes are in the set of each image, a row for each image."""
        lowest = np.array([-np.inf if threshold is None else threshold for threshold in self.thresholds])
        return np.asarray(np.asarray(probabilities) >= lowest)


def calibrate_prediction_sets(
    probabilities: NDArray[np.floating],
    labels: NDArray[np.integer],
    *,
    groups: Sequence[str] | None,
    coverage: float = COVERAGE,
) -> PredictionSets:
    """Return prediction sets calibrated on images that the model was not trained on.

    Args:
        probabilities: A row for each image, a column for each class.
        labels: The true class of each image, as a number.
        groups: The patient of each image; None if not known, and then each image counts as a patient.
        coverage: The coverage for each class.
    """
    values = np.asarray(probabilities, dtype=np.float64)
    units = np.arange(len(labels)) if groups is None else np.unique(np.array(groups), return_inverse=True)[1]
    thresholds: list[float | None] = []
    patients = []
    for number in range(values.shape[1]):
        chosen = np.asarray(labels) == number
        threshold, count = _threshold(values[chosen, number], units[chosen], coverage)
        thresholds.append(threshold)
        patients.append(count)
    return PredictionSets(coverage=coverage, thresholds=tuple(thresholds), patients=tuple(patients))


def _threshold(
    probabilities: NDArray[np.float64], units: NDArray[np.integer], coverage: float
) -> tuple[float | None, int]:
    """Return the smallest probability that is still in the set, and the number of patients."""
    _, positions, images = np.unique(units, return_inverse=True, return_counts=True)
    patients = len(images)
    order = np.argsort(-probabilities, kind="stable")
    weights = 1 / ((patients + 1) * images[positions])
    covered = np.cumsum(weights[order])
    enough = np.flatnonzero(covered >= coverage - 1e-12)
    return (float(probabilities[order[enough[0]]]) if len(enough) else None), patients
