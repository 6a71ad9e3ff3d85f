"""The measures of each class that follow from a confusion matrix, for any number of matrices at once.

The definitions are those of scikit-learn and imbalanced-learn, which are too slow to call once for each patient; tests
compare the values with theirs. An undefined measure is NaN, where the libraries return 0.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np

from zoo.metrics.predictions import FloatArray, IntArray

IBA_ALPHA = 0.1
"""The weight of recall minus specificity in the index of balanced accuracy; imbalanced-learn's default."""


def confusion_matrices(
    labels: IntArray, predictions: IntArray, *, classes: int, units: IntArray | None = None
) -> FloatArray:
    """Return the confusion matrix of each unit, [units, classes, classes]: rows truth, columns prediction.

    Args:
        labels: The true class of each sample.
        predictions: The predicted class of each sample.
        classes: The number of classes.
        units: The unit of each sample; all samples are one unit if it is left out.
    """
    unit = np.zeros_like(labels) if units is None else units
    count = int(unit.max()) + 1
    cells = (unit * classes + labels) * classes + predictions
    flat = np.bincount(cells, minlength=count * classes * classes)
    return flat.reshape(count, classes, classes).astype(np.float64)


class Counts:
    """Confusion matrices, [..., classes, classes], and what follows from them for each class, [..., classes]."""

    def __init__(self, matrices: FloatArray) -> None:
        self.support: FloatArray = matrices.sum(axis=-1)
        """The samples of each class."""
        self.predicted: FloatArray = matrices.sum(axis=-2)
        """The samples that were predicted as each class."""
        self.right: FloatArray = np.diagonal(matrices, axis1=-2, axis2=-1)
        """The samples of each class that were predicted as it."""
        self.total: FloatArray = self.support.sum(axis=-1)
        """All samples, [...]."""

    @cached_property
    def precision(self) -> FloatArray:
        """The share of the samples predicted as each class that are of it."""
        return ratio(self.right, self.predicted)

    @cached_property
    def recall(self) -> FloatArray:
        """The share of the samples of each class that were predicted as it."""
        return ratio(self.right, self.support)

    @cached_property
    def specificity(self) -> FloatArray:
        """The share of the samples of all other classes that were not predicted as each class."""
        total = self.total[..., None]
        # shares are rounded, so that the difference may be below 0
        return ratio(np.maximum(total - self.support - self.predicted + self.right, 0), total - self.support)

    @cached_property
    def f1(self) -> FloatArray:
        """The harmonic mean of precision and recall."""
        return np.where(self.support > 0, ratio(2 * self.right, self.support + self.predicted), np.nan)

    @cached_property
    def gmean(self) -> FloatArray:
        """The geometric mean of recall and specificity."""
        return np.sqrt(self.recall * self.specificity)

    @cached_property
    def iba(self) -> FloatArray:
        """The index of balanced accuracy: the squared G-mean times 1 + 0.1 (recall - specificity).

        Defined like this, as in imbalanced-learn, it is close to the square of the G-mean. The table of Liu 2023 prints
        an IBA within 0.004 of its G-mean in all places but one: that column must be defined otherwise, and is not
        comparable.
        """
        return (1 + IBA_ALPHA * (self.recall - self.specificity)) * self.recall * self.specificity


def accuracy(counts: Counts) -> FloatArray:
    """Return the share of right predictions, [...]."""
    return ratio(counts.right.sum(axis=-1), counts.total)


def cohen_kappa(counts: Counts) -> FloatArray:
    """Return Cohen's kappa, [...]: the accuracy beyond that of guessing with the same frequencies."""
    by_chance = (counts.support * counts.predicted).sum(axis=-1)
    return ratio(counts.right.sum(axis=-1) * counts.total - by_chance, counts.total**2 - by_chance)


def mcc(counts: Counts) -> FloatArray:
    """Return Matthews' correlation coefficient, [...], as Gorodkin (2004) defines it for any number of classes."""
    covariance = counts.right.sum(axis=-1) * counts.total - (counts.support * counts.predicted).sum(axis=-1)
    squares = [counts.total**2 - (one**2).sum(axis=-1) for one in (counts.support, counts.predicted)]
    return ratio(covariance, np.sqrt(np.maximum(squares[0], 0) * np.maximum(squares[1], 0)))


def ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Return part / whole, and NaN where `whole` is 0."""
    empty = np.full(np.broadcast_shapes(part.shape, whole.shape), np.nan)
    return np.asarray(np.divide(part, whole, out=empty, where=whole > 0))
