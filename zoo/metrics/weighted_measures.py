"""Every measure of weighted samples, for the point estimates and for the resamples of the bootstrap."""

from __future__ import annotations

import numpy as np

from zoo.metrics.auroc import WeightedAuroc
from zoo.metrics.formulas import confusion_matrices, overall
from zoo.metrics.predictions import FloatArray, Predictions


class WeightedMeasures:
    """The measures of one set of predictions, as a function of the units' weights.

    The confusion matrix and the summed loss of each unit are computed once; those of weighted samples are products.
    """

    def __init__(self, samples: Predictions) -> None:
        self._classes = len(samples.classes)
        self.matrices = confusion_matrices(samples.labels, samples.predictions, samples.units, self._classes)
        """The confusion matrix of each unit, [units, classes, classes]."""
        self.minority = int(self.matrices.sum(axis=(0, 2)).argmin())
        """The class with the fewest samples; the first one if several have as few."""
        self._losses = np.bincount(samples.units, weights=samples.cross_entropies)
        every_class = len(np.unique(samples.labels)) == self._classes
        self._areas = [WeightedAuroc(samples, index) for index in samples.positives] if every_class else []

    def __call__(self, weights: FloatArray) -> dict[str, FloatArray]:
        """Return each measure for each row of weights, [resamples, units] to [resamples]; NaN where it is undefined."""
        counts = weights @ self.matrices.reshape(len(self.matrices), -1)
        values = overall(counts.reshape(-1, self._classes, self._classes), minority=self.minority)
        values["loss"] = weights @ self._losses / counts.sum(axis=1)
        values["auroc"] = np.full(len(weights), np.nan)
        if self._areas:
            values["auroc"] = np.mean([area(weights) for area in self._areas], axis=0)
        return values
