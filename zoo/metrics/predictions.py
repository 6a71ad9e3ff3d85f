"""Labels, scores and groups, checked and sorted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zoo.calibration.threshold import DEFAULT, cutoff_of_log_odds, predicted_classes
from zoo.errors import DataError, UsageError
from zoo.metrics.logits import cross_entropies, expit, log_odds
from zoo.metrics.result import Unit

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

_SUM_TOLERANCE = 2e-3
"""Wide enough for a softmax computed in half precision."""


@dataclass(frozen=True, kw_only=True)
class Predictions:
    """Labels and scores of the samples, and the unit (patient or image) that each belongs to."""

    labels: IntArray
    scores: FloatArray
    """One column for each class, which orders the samples from unlikely to likely: log odds, or probabilities."""
    probabilities: FloatArray
    """One column for each class, of calibrated logits if there is a temperature; the rows add up to 1."""
    cross_entropies: FloatArray
    classes: tuple[str, ...]
    units: IntArray
    unit: Unit
    order: IntArray
    """The place of each sample among those that were given: they are sorted."""
    cutoff: float | None = None
    """Of two classes, the second is predicted if its score is above this; None for the more probable one."""

    @property
    def predictions(self) -> IntArray:
        """The predicted class of each sample: the most probable one, the first of several; or by the cutoff."""
        return predicted_classes(self.scores, self.cutoff)

    @property
    def positives(self) -> tuple[int, ...]:
        """The classes with ROC curves that are averaged: the last of two classes, or every one of more classes."""
        count = len(self.classes)
        return (1,) if count == 2 else tuple(range(count))


def check_predictions(
    *,
    labels: ArrayLike,
    logits: ArrayLike | None = None,
    probabilities: ArrayLike | None = None,
    classes: Sequence[str],
    groups: Sequence[str] | None,
    temperature: float = 1.0,
    threshold: float = DEFAULT,
) -> Predictions:
    """Return checked predictions, or raise a `DataError` that says which sample is wrong.

    The samples are sorted, so that their order does not change a bit of the result. The temperature changes the losses;
    scores, and with them the order of the samples, are those of the logits as they are.
    """
    names = _check_classes(classes)
    truth = _check_labels(labels, names)
    if threshold != DEFAULT and len(names) != 2:
        raise UsageError(f"a decision threshold needs two classes, not {len(names)}")
    if not 0 < threshold < 1 or not 0 < temperature < math.inf:
        raise UsageError("the threshold must be between 0 and 1, and the temperature above 0")
    if logits is not None and probabilities is None:
        outputs = _check_logits(logits, len(truth), names)
        scores = log_odds(outputs)
        calibrated = scores if temperature == 1 else log_odds(outputs / temperature)
        chances, losses = expit(calibrated), cross_entropies(calibrated, truth)
        cutoff = cutoff_of_log_odds(threshold, temperature)
    elif probabilities is not None and logits is None:
        if temperature != 1:
            raise UsageError("a temperature divides logits, and these are probabilities", hint="give the logits")
        scores = _check_probabilities(probabilities, len(truth), names)
        chances = scores / scores.sum(axis=1, keepdims=True)
        losses = _losses_of_probabilities(chances, truth)
        cutoff = None if threshold == DEFAULT else threshold
    else:
        raise UsageError("measuring needs either logits or probabilities")
    units = np.zeros(len(truth), dtype=np.int64) if groups is None else _check_groups(groups, len(truth))
    order = np.lexsort((*scores.T, truth, units))
    return Predictions(
        labels=truth[order],
        scores=scores[order],
        probabilities=chances[order],
        cross_entropies=losses[order],
        classes=names,
        units=np.arange(len(truth)) if groups is None else units[order],
        unit="image" if groups is None else "patient",
        cutoff=cutoff,
        order=order,
    )


def _losses_of_probabilities(chances: FloatArray, labels: IntArray) -> FloatArray:
    """Return the cross entropy of each sample, its probability clipped as scikit-learn's `log_loss` clips it."""
    right = chances[np.arange(len(labels)), labels]
    epsilon = np.finfo(np.float64).eps
    return np.asarray(-np.log(np.clip(right, epsilon, 1 - epsilon)))


def _check_classes(classes: Sequence[str]) -> tuple[str, ...]:
    names = tuple(classes)
    if isinstance(classes, str) or len(names) < 2:
        raise DataError("measuring needs the names of at least two classes")
    if len(set(names)) < len(names):
        raise DataError(f"two classes have the same name: {', '.join(names)}")
    return names


def _array(values: ArrayLike, name: str) -> NDArray[Any]:
    """Return values as an array, or raise a DataError that names them."""
    try:
        return np.asarray(values)
    except ValueError as error:
        raise DataError(f"{name} are not a regular array of numbers: {error}") from error


def _check_labels(labels: ArrayLike, classes: tuple[str, ...]) -> IntArray:
    truth = _array(labels, "labels")
    if truth.ndim != 1:
        raise DataError(f"labels must be one number for each sample, not an array of shape {truth.shape}")
    if not truth.size:
        raise DataError("there are no samples to measure")
    if truth.dtype.kind not in "iu":
        raise DataError(f"labels must be whole numbers, not {truth.dtype}")
    outside = (truth < 0) | (truth >= len(classes))
    if outside.any():
        where = int(outside.argmax())
        raise DataError(
            f"label {truth[where]} of sample {where} (counted from 0) is not one of the {len(classes)} classes",
            hint=f"labels run from 0 to {len(classes) - 1}: {', '.join(classes)}",
        )
    return truth.astype(np.int64)


def _check_logits(logits: ArrayLike, count: int, classes: tuple[str, ...]) -> FloatArray:
    outputs = _array(logits, "logits")
    if outputs.shape != (count, len(classes)) and not (outputs.shape == (count, 1) and len(classes) == 2):
        raise DataError(
            f"logits of shape {outputs.shape} do not fit {count} samples of {len(classes)} classes",
            hint="one row for each sample, one column for each class; a sigmoid output has one column for two classes",
        )
    return _check_finite(outputs, "logits")


def _check_probabilities(probabilities: ArrayLike, count: int, classes: tuple[str, ...]) -> FloatArray:
    scores = _array(probabilities, "probabilities")
    if scores.shape != (count, len(classes)):
        raise DataError(
            f"probabilities of shape {scores.shape} do not fit {count} samples of {len(classes)} classes",
            hint="one row for each sample, one column for each class; for a sigmoid output p: 1 - p and p",
        )
    scores = _check_finite(scores, "probabilities")
    proper = (scores >= 0).all(axis=1) & (abs(scores.sum(axis=1) - 1) <= _SUM_TOLERANCE)
    if not proper.all():
        where = int(proper.argmin())
        raise DataError(
            f"row {where} (counted from 0) is not a set of probabilities: {scores[where].tolist()}",
            hint="each value is between 0 and 1 and each row sums to 1; pass the outputs of a network as `logits`",
        )
    return scores


def _check_finite(values: NDArray[Any], name: str) -> FloatArray:
    """Return values in float64, or raise a DataError that names the first row that is not a row of finite numbers."""
    if values.dtype.kind not in "fiu":
        raise DataError(f"{name} must be numbers, not {values.dtype}")
    numbers = values.astype(np.float64)
    finite = np.isfinite(numbers).all(axis=1)
    if not finite.all():
        raise DataError(
            f"the {name} of sample {int(finite.argmin())} (counted from 0) are not finite",
            hint="training may have diverged; try a lower learning rate",
        )
    return numbers


def _check_groups(groups: Sequence[str], count: int) -> IntArray:
    names = list(groups)
    if isinstance(groups, str) or len(names) != count:
        raise DataError(f"{len(names)} groups do not fit {count} samples")
    for where, name in enumerate(names):
        if not isinstance(name, str) or not name:
            raise DataError(
                f"sample {where} (counted from 0) has no group: {name!r}",
                hint="name the patient of every sample, or give no groups at all",
            )
    return np.unique(np.array(names), return_inverse=True)[1].astype(np.int64)
