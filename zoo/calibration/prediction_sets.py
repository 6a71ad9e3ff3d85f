"""Prediction sets: the classes that cannot be ruled out, with a stated coverage for images of new patients.

Conformal prediction, calibrated for each class separately, so that the coverage holds for the images of each class.
Images of one patient resemble each other, so that they are not exchangeable, but patients are: every patient of a class
has the same weight, shared by its images, as in Lee, Barber and Willett, "Distribution-free inference with hierarchical
data" (2023). With few patients nothing can be ruled out: a coverage of 90 % needs at least nine of each class.

The scores are the network's own probabilities, before any temperature, since that is fitted on the same images.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

STEPS = 200
"""Quantiles are kept for coverages of 1/STEPS, 2/STEPS and so on; a coverage in between is rounded up."""
_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True)
class ClassQuantiles:
    """The lowest probability of one class that is still in the set, for each coverage."""

    patients: int
    """The number of validation patients with images of the class; of images, if the patients are not known."""
    lowest: tuple[float, ...]
    """For coverages of 1/STEPS, 2/STEPS and so on, as far as the patients suffice; it does not rise."""

    def __post_init__(self) -> None:
        falling = all(first >= second for first, second in zip(self.lowest, self.lowest[1:], strict=False))
        if self.patients < 0 or len(self.lowest) >= STEPS or not falling or not all(0 <= p <= 1 for p in self.lowest):
            raise ValueError(f"lowest must have fewer than {STEPS} probabilities in descending order")

    def threshold(self, coverage: float) -> float | None:
        """Return the lowest probability in the set; None if the class is always in it: its patients are too few."""
        step = _step(coverage)
        return self.lowest[step - 1] if step <= len(self.lowest) else None

    @property
    def most(self) -> float:
        """The highest coverage for which the class can be ruled out."""
        return len(self.lowest) / STEPS


def class_quantiles(
    probabilities: NDArray[np.floating], labels: NDArray[np.integer], *, groups: Sequence[str] | None
) -> tuple[ClassQuantiles, ...]:
    """Return the quantiles of each class, from images that the model was not trained on.

    Args:
        probabilities: A row for each image, a column for each class.
        labels: The true class of each image, as a number.
        groups: The patient of each image; None if not known, and then each image counts as a patient.
    """
    values = np.asarray(probabilities, dtype=np.float64)
    units = np.arange(len(labels)) if groups is None else np.unique(np.array(groups), return_inverse=True)[1]
    members = [np.asarray(labels) == number for number in range(values.shape[1])]
    return tuple(_quantiles(values[chosen, number], units[chosen]) for number, chosen in enumerate(members))


def prediction_sets(
    probabilities: NDArray[np.floating], quantiles: Sequence[ClassQuantiles], coverage: float
) -> NDArray[np.bool_]:
    """Return which classes are in the set of each image, [images, classes].

    Args:
        probabilities: The network's own probabilities, without a temperature; they may differ by rounding from those
            that the quantiles were taken of.
        quantiles: The quantiles of each class.
        coverage: The coverage, between 0 and 1.
    """
    found = [one.threshold(coverage) for one in quantiles]
    lowest = np.array([-np.inf if threshold is None else threshold for threshold in found])
    return np.asarray(np.asarray(probabilities) >= lowest * (1 - _ROUNDING))


def patients_needed(coverage: float) -> int | None:
    """Return how many validation patients of a class it takes to rule it out; None if no number suffices."""
    step = _step(coverage)
    return math.ceil(step / (STEPS - step) - _ROUNDING) if step < STEPS else None


def _step(coverage: float) -> int:
    """Return the number of the quantile for a coverage; the first one is 1."""
    return math.ceil(coverage * STEPS - _ROUNDING)


def _quantiles(probabilities: NDArray[np.float64], units: NDArray[np.integer]) -> ClassQuantiles:
    """Return the quantiles of one class from the probabilities that its own images have of it."""
    _, positions, images = np.unique(units, return_inverse=True, return_counts=True)
    patients = len(images)
    order = np.argsort(-probabilities, kind="stable")
    covered = np.cumsum((1 / ((patients + 1) * images[positions]))[order])  # 1/(patients + 1) is that of the new one
    first = np.searchsorted(covered, np.arange(1, STEPS) / STEPS - _ROUNDING)
    return ClassQuantiles(
        patients=patients, lowest=tuple(float(probabilities[order[index]]) for index in first if index < len(order))
    )
