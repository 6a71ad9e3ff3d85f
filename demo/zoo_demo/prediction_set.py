"""Prediction sets: the classes that cannot be ruled out at a coverage that the visitor chose."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import compress

import numpy as np

from zoo.classifier import Prediction
from zoo.errors import UsageError
from zoo_demo.analysis import Analysis
from zoo_demo.models import PageModel

COVERAGES = (0.8, 0.9, 0.95)
"""The coverages to choose from."""


@dataclass(frozen=True, kw_only=True)
class PossibleClasses:
    """A prediction set."""

    classes: tuple[str, ...]
    note: str
    """Which classes can never be ruled out at this coverage; empty if all can."""


def possible_classes(prediction: Prediction, model: PageModel, coverage: float) -> PossibleClasses:
    """Return the classes that cannot be ruled out; a UsageError if the model has no prediction sets of this coverage.

    It is the set that `Classifier.predict` returns, made from a prediction that came with a heat map.

    Args:
        prediction: The prediction of the model.
        model: The model.
        coverage: The coverage.
    """
    note = model.calibration.check_coverage(coverage, model.classes)
    probabilities = np.array([[prediction.probabilities[name] for name in model.classes]])
    (row,) = model.calibration.sets(probabilities, coverage)
    return PossibleClasses(classes=tuple(compress(model.classes, row)), note=note)


def set_or_none(analysis: Analysis, coverage: float | None) -> tuple[str, ...] | None:
    """Return the prediction set; None if none was asked for, or if the model has none."""
    if coverage is None:
        return None
    try:
        return possible_classes(analysis.prediction, analysis.model, coverage).classes
    except UsageError:
        return None


def has_sets(model: PageModel) -> bool:
    """Return whether a model has any prediction sets."""
    return any(one.most >= COVERAGES[0] for one in model.calibration.quantiles)
