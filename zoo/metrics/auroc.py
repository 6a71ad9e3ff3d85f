"""The area under the ROC curve, for many weightings of the samples at once."""

from __future__ import annotations

import numpy as np

from zoo.metrics.predictions import FloatArray, Predictions


class WeightedAuroc:
    """The area under the ROC curve of one class against the rest, as a function of the units' weights.

    The order of the scores, which does not depend on the weights, is computed once.
    """

    def __init__(self, samples: Predictions, positive: int) -> None:
        scores = samples.scores[:, positive]
        is_positive = samples.labels == positive
        negatives = np.flatnonzero(~is_positive)
        negatives = negatives[np.argsort(scores[negatives], kind="stable")]
        positives = np.flatnonzero(is_positive)
        positives = positives[np.argsort(scores[positives], kind="stable")]
        self._negative_units = samples.units[negatives]
        self._positive_units = samples.units[positives]
        self._below = np.searchsorted(scores[negatives], scores[positives], side="left")
        self._up_to = np.searchsorted(scores[negatives], scores[positives], side="right")

    def __call__(self, weights: FloatArray) -> FloatArray:
        """Return the area for each row of weights, [resamples, units] to [resamples].

        It is the share of pairs of a positive and a negative sample in which the positive one has the higher score;
        a tie counts half.
        """
        negative = weights[:, self._negative_units]
        positive = weights[:, self._positive_units]
        beaten = np.zeros((len(weights), negative.shape[1] + 1))
        np.cumsum(negative, axis=1, out=beaten[:, 1:])
        wins = np.take(beaten, self._below, axis=1) + np.take(beaten, self._up_to, axis=1)
        pairs = positive.sum(axis=1) * beaten[:, -1]
        return np.asarray(np.einsum("ij,ij->i", wins, positive) / (2 * pairs))
