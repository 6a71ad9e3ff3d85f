"""Temperature scaling: logits divided by one number, so that probabilities fit how often the model is right.

Guo et al., "On Calibration of Modern Neural Networks" (ICML 2017). The order of an image's classes does not change.
Every patient counts the same, however many images it has: a probability is for an image of a new patient, and images of
one patient resemble each other, so that a single patient with many of them must not decide alone.
benchmarks/calibration.py compares this with counting every image the same.

Few patients say little, and the temperature that suits them best can be far from the one that suits new patients. So
the logarithm of the temperature has a normal prior around 0, against which each patient counts as one image: with few
patients the temperature stays near 1, with many it is that of the data. benchmarks/few_validation_patients.py compares
this with no prior, and with no temperature.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from zoo.errors import DataError

LOWEST, HIGHEST = 0.05, 20.0
"""The range in which the temperature is sought."""
SPREAD = 1.0
"""The standard deviation of the prior of the logarithm of the temperature."""
Reason = Literal["not saved", "no validation part", "one class", "no error"]
"""Why there is no temperature."""


def fit_temperature(
    logits: NDArray[np.floating],
    labels: NDArray[np.integer],
    *,
    groups: Sequence[str] | None = None,
    spread: float = SPREAD,
) -> tuple[float, None] | tuple[None, Reason]:
    """Return the most probable temperature; or None, and the reason why there is none.

    Without an error the cross-entropy falls for ever smaller temperatures, and says nothing about other images.

    Args:
        logits: A row for each image, a column for each class; or a single column for two classes.
        labels: The true class of each image, as a number.
        groups: The patient of each image; None if not known, and then each image counts as a patient.
        spread: The standard deviation of the prior of the logarithm of the temperature; infinite for no prior.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import logsumexp

    scores = np.asarray(logits, dtype=np.float64)
    if not np.isfinite(scores).all():
        raise DataError("the outputs of the network for the validation images are not finite")
    if scores.shape[1] == 1:
        scores = np.concatenate([np.zeros_like(scores), scores], axis=1)
    right = scores[np.arange(len(labels)), labels]
    if len(np.unique(labels)) < 2:
        return None, "one class"
    if np.all(right >= scores.max(axis=1)):
        return None, "no error"
    weights = patient_weights(groups, len(labels))
    patients = len(labels) if groups is None else len(set(groups))

    def surprise(log_temperature: float) -> float:
        temperature = np.exp(log_temperature)
        cross_entropy = weights @ (logsumexp(scores / temperature, axis=1) - right / temperature)
        return float(patients * cross_entropy + (log_temperature / spread) ** 2 / 2)

    found = minimize_scalar(surprise, bounds=(np.log(LOWEST), np.log(HIGHEST)), method="bounded")
    return float(np.exp(found.x)), None


def patient_weights(groups: Sequence[str] | None, images: int) -> NDArray[np.float64]:
    """Return the weight of each image, with the sum 1, such that every patient has the same.

    Args:
        groups: The patient of each image; None if not known, and then every image has the same weight.
        images: The number of images.
    """
    if groups is None:
        return np.full(images, 1 / images)
    _, units, counts = np.unique(np.array(groups), return_inverse=True, return_counts=True)
    return np.asarray(1 / (len(counts) * counts[units]))
