"""Measures of probabilities, and of the patients' shares of right images, as sums over the units."""

from __future__ import annotations

import numpy as np

from zoo.metrics.calibration_error import BINS, calibration_groups
from zoo.metrics.formulas import ratio
from zoo.metrics.predictions import FloatArray, Predictions
from zoo.metrics.undefined import Present


def loss_sums(samples: Predictions) -> FloatArray:
    """Return the sum of the cross entropies and the number of samples of each unit, [units, 2]."""
    return _sums(samples, samples.cross_entropies[:, None])


def brier_sums(samples: Predictions) -> FloatArray:
    """Return the sum of half the squared distances to the truth, and the number of samples, [units, 2].

    The distance from 1 of the right class is the sum of the other probabilities, which is not rounded to 0.
    """
    rows = np.arange(len(samples.labels))
    wrong = samples.probabilities.copy()
    wrong[rows, samples.labels] = 0
    return _sums(samples, ((wrong.sum(axis=1) ** 2 + (wrong**2).sum(axis=1)) / 2)[:, None])


def calibration_sums(samples: Predictions) -> FloatArray:
    """Return the sum of probability minus right or wrong in each group, and the number of samples, [units, groups + 1].

    The probability is that of the most probable class. Its distance from 1 is the sum of the others, which is not
    rounded to 0.
    """
    rows, probable = np.arange(len(samples.labels)), samples.probabilities.argmax(axis=1)
    others = samples.probabilities.copy()
    others[rows, probable] = 0
    confidence, right = samples.probabilities[rows, probable], probable == samples.labels
    in_groups = np.zeros((len(rows), BINS))
    in_groups[rows, calibration_groups(confidence)] = np.where(right, -others.sum(axis=1), confidence)
    return _sums(samples, in_groups)


def calibration_error(sums: FloatArray) -> FloatArray:
    """Return the mean over the samples of the gap between probability and accuracy in their group."""
    return ratio(np.abs(sums[..., :-1]).sum(axis=-1), sums[..., -1])


def mean(sums: FloatArray) -> FloatArray:
    """Return the mean from a sum and a number."""
    return ratio(sums[..., 0], sums[..., 1])


def recognition_sums(samples: Predictions) -> FloatArray:
    """Return the share of right images of each patient, and 1, [units, 2]; NaN if the patients are not known."""
    count = int(samples.units.max()) + 1
    if samples.unit == "image":
        return np.full((count, 2), np.nan)
    right = np.bincount(samples.units, weights=samples.predictions == samples.labels, minlength=count)
    return np.stack([right / np.bincount(samples.units, minlength=count), np.ones(count)], axis=1)


def patients_not_known(present: Present) -> str:
    """Return the reason why there is no measure of patients, or an empty text."""
    return "the patients are not known" if present.unit == "image" else ""


def _sums(samples: Predictions, values: FloatArray) -> FloatArray:
    """Return the sums of the samples' values and the number of samples of each unit, [units, values + 1]."""
    numbers = np.column_stack([values, np.ones(len(values))])
    return np.stack([np.bincount(samples.units, weights=column) for column in numbers.T], axis=1)
