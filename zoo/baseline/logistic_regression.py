"""A logistic regression on standardized statistics of images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

PENALTIES = (0.001, 0.01, 0.1, 1.0, 10.0)
"""Values of C, the inverse of the L2 penalty, that are tried on the validation part."""
DEFAULT_PENALTY = 0.1
"""C where there is no validation part."""
_ITERATIONS = 1000
_NEVER = -1e6
"""The logit of a class without training images."""


@dataclass(frozen=True, kw_only=True)
class LogisticRegression:
    """A fitted logistic regression: logits are (statistics - mean) / scale @ weights.T + bias."""

    mean: FloatArray
    scale: FloatArray
    weights: FloatArray
    """A row for each class, a column for each statistic."""
    bias: FloatArray
    """A number for each class."""
    penalty: float
    """C, the inverse of the L2 penalty."""

    def logits(self, statistics: FloatArray) -> FloatArray:
        """Return the logits of each class, a row for each image."""
        return np.asarray((statistics - self.mean) / self.scale @ self.weights.T + self.bias)


def fit_logistic_regression(
    statistics: FloatArray,
    labels: Sequence[int] | NDArray[np.integer],
    classes: int,
    *,
    validation: tuple[FloatArray, NDArray[np.integer]] | None = None,
) -> LogisticRegression:
    """Return a logistic regression with all classes weighted equally.

    Args:
        statistics: The statistics of the training images, a row for each.
        labels: The class of each training image, as a number.
        classes: How many classes there are.
        validation: Statistics and labels of the validation part, on which the penalty is chosen.
    """
    labels = np.asarray(labels)
    mean, deviation = statistics.mean(axis=0), statistics.std(axis=0)
    scale = np.where(deviation > 1e-9, deviation, 1.0)
    standardized = (statistics - mean) / scale
    candidates = PENALTIES if validation is not None else (DEFAULT_PENALTY,)
    fitted = [_fit(standardized, labels, classes, mean, scale, penalty) for penalty in candidates]
    if validation is None:
        return fitted[0]
    return min(fitted, key=lambda model: _balanced_loss(model.logits(validation[0]), validation[1]))


def _fit(
    standardized: FloatArray,
    labels: NDArray[np.integer],
    classes: int,
    mean: FloatArray,
    scale: FloatArray,
    penalty: float,
) -> LogisticRegression:
    """Return the regression with one penalty; a class without training images is never predicted."""
    from sklearn.linear_model import LogisticRegression as Estimator

    weights = np.zeros((classes, standardized.shape[1]))
    bias = np.full(classes, _NEVER)
    present = np.unique(labels)
    bias[present] = 0.0
    if len(present) > 1:
        estimator = Estimator(C=penalty, class_weight="balanced", max_iter=_ITERATIONS)
        estimator.fit(standardized, labels)
        rows = present[1:] if len(present) == 2 else present  # of two classes, sklearn returns the second one's row
        weights[rows], bias[rows] = estimator.coef_, estimator.intercept_
    return LogisticRegression(mean=mean, scale=scale, weights=weights, bias=bias, penalty=penalty)


def _balanced_loss(logits: FloatArray, labels: NDArray[np.integer]) -> float:
    """Return the cross-entropy, averaged over the classes that there are."""
    from scipy.special import log_softmax

    losses = -log_softmax(logits, axis=1)[np.arange(len(labels)), labels]
    return float(np.mean([losses[labels == label].mean() for label in np.unique(labels)]))
