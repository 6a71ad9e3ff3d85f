"""Prediction sets: the classes that cannot be ruled out at a coverage that the visitor chose."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import compress

import numpy as np

from zoo.classifier import Classifier, Prediction
from zoo.errors import UsageError
from zoo_demo.analysis import Analysis

COVERAGES = (0.8, 0.9, 0.95)
"""The coverages to choose from."""


@dataclass(frozen=True, kw_only=True)
class PossibleClasses:
    """A prediction set."""

    classes: tuple[str, ...]
    note: str
    """Which classes can never be ruled out at this coverage; empty if all can."""


def possible_classes(prediction: Prediction, classifier: Classifier, coverage: float) -> PossibleClasses:
    """Return the classes that cannot be ruled out; a UsageError if the model has no prediction sets of this coverage.

    It is the set that `Classifier.predict` returns, made from a prediction that came with a heat map.

    Args:
        prediction: The prediction of the model.
        classifier: The model.
        coverage: The coverage.
    """
    note = classifier.calibration.check_coverage(coverage, classifier.classes)
    probabilities = np.array([[prediction.probabilities[name] for name in classifier.classes]])
    (row,) = classifier.calibration.sets(probabilities, coverage)
    return PossibleClasses(classes=tuple(compress(classifier.classes, row)), note=note)


def set_or_none(analysis: Analysis, coverage: float | None) -> tuple[str, ...] | None:
    """Return the prediction set; None if none was asked for, or if the model has none."""
    if coverage is None:
        return None
    try:
        return possible_classes(analysis.prediction, analysis.model.classifier, coverage).classes
    except UsageError:
        return None


def has_sets(classifier: Classifier) -> bool:
    """Return whether a model has any prediction sets."""
    return any(one.most >= COVERAGES[0] for one in classifier.calibration.quantiles)
