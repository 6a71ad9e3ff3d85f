"""ROC and precision-recall curves with bands that resample patients, and reliability."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from zoo.metrics.logits import expit
from zoo.metrics.predictions import FloatArray, Predictions
from zoo.metrics.strata import strata, units_of_classes

POINTS = np.linspace(0, 1, 101)
RESAMPLES = 400
BINS = 10
_LIMITS = (0.025, 0.975)


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One curve, with a 95 % band of each of its points, from the resamples that have images of both kinds."""

    name: str
    x: FloatArray
    y: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True, kw_only=True)
class Reliability:
    """How often the most probable class is right, in groups of equally many images by its probability."""

    confidence: tuple[float, ...]
    accuracy: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    images: tuple[int, ...]


def roc_curves(samples: Predictions) -> list[Curve]:
    """Return sensitivity by false positive rate, a curve for each class that has one."""
    return [_curve(samples, number, _sensitivity) for number in _drawn(samples)]


def precision_recall_curves(samples: Predictions) -> list[Curve]:
    """Return precision by recall, a curve for each class that has one."""
    return [_curve(samples, number, _precision) for number in _drawn(samples)]


def reliability(samples: Predictions) -> Reliability:
    """Return how often the most probable class is right, by its probability; the scores are log odds."""
    confidence = expit(samples.scores.max(axis=1))
    right = (samples.predictions == samples.labels).astype(float)
    order = np.argsort(confidence, kind="stable")
    groups = [group for group in np.array_split(order, min(BINS, len(order))) if len(group)]
    weights = _weights(samples)
    limits = []
    for group in groups:  # one after the other: the weights of all images at once would take gigabytes
        own = weights[:, samples.units[group]]
        limits.append(_limits(own @ right[group] / np.maximum(own.sum(axis=1), 1)))
    return Reliability(
        confidence=tuple(float(confidence[group].mean()) for group in groups),
        accuracy=tuple(float(right[group].mean()) for group in groups),
        low=tuple(low for low, _ in limits),
        high=tuple(high for _, high in limits),
        images=tuple(map(len, groups)),
    )


def _drawn(samples: Predictions) -> Sequence[int]:
    """Return the classes with a curve: those with images of the class and of others."""
    return [number for number in samples.positives if 0 < np.sum(samples.labels == number) < len(samples.labels)]


def _weights(samples: Predictions) -> FloatArray:
    """Return how often each patient is drawn in each resample, [resamples, patients]; strata keep their size."""
    generator = np.random.default_rng(0)
    stratum = strata(units_of_classes(samples))
    weights = np.zeros((RESAMPLES, len(stratum)))
    for number in np.unique(stratum):
        members = np.flatnonzero(stratum == number)
        weights[:, members] = generator.multinomial(len(members), np.full(len(members), 1 / len(members)), RESAMPLES)
    return weights


def _curve(samples: Predictions, number: int, values: Callable[[FloatArray, FloatArray], FloatArray]) -> Curve:
    """Return the curve of one class at POINTS."""
    order = np.argsort(-samples.scores[:, number], kind="stable")
    scores = samples.scores[order, number]
    last = np.append(np.diff(scores) != 0, True)  # equal scores are one step
    positive = (samples.labels[order] == number).astype(float)
    units = samples.units[order]

    def at_points(weights: FloatArray) -> FloatArray | None:
        own = weights[units]
        true = np.cumsum(own * positive)[last]
        false = np.cumsum(own * (1 - positive))[last]
        return values(true, false) if true[-1] and false[-1] else None

    y = at_points(np.ones(int(samples.units.max()) + 1))
    resampled = [row for weights in _weights(samples) if (row := at_points(weights)) is not None]
    low, high = np.quantile(resampled, _LIMITS, axis=0)
    return Curve(name=samples.classes[number], x=POINTS, y=np.asarray(y), low=low, high=high)


def _sensitivity(true: FloatArray, false: FloatArray) -> FloatArray:
    """Return the sensitivity at each false positive rate."""
    return np.asarray(np.interp(POINTS, np.append(0, false / false[-1]), np.append(0, true / true[-1])))


def _precision(true: FloatArray, false: FloatArray) -> FloatArray:
    """Return the precision at each recall: that of the first step that reaches it, as average precision counts it."""
    recall, precision = true / true[-1], true / np.maximum(true + false, 1e-12)
    step = np.searchsorted(recall, POINTS - 1e-12).clip(max=len(recall) - 1)
    return np.asarray(precision[step])


def _limits(values: FloatArray) -> tuple[float, float]:
    """Return the limits of the band."""
    low, high = np.quantile(values, _LIMITS)
    return float(low), float(high)
