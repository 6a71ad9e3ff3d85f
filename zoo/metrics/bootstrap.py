"""Draws units (patients, or images) again and again, and measures every draw.

Units are drawn with replacement inside strata of equal class, so that no draw loses a class. A draw is a row
of counts, one a unit: all else is a product of those counts with what each unit adds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from zoo.metrics.auroc import WeightedAuroc
from zoo.metrics.confusion import confusions, overall
from zoo.metrics.predictions import FloatArray, IntArray, Predictions

Strata = dict[tuple[str, ...], IntArray]
"""The units of each set of classes: patients with benign images, patients with both, …"""

_CHUNK = 1 << 18
"""Numbers held at once for one array: small enough for a processor's cache."""


def strata(samples: Predictions) -> Strata:
    """Sort the units by the classes that their samples have."""
    has = np.zeros((int(samples.units.max()) + 1, len(samples.classes)), dtype=bool)
    has[samples.units, samples.labels] = True
    found = {}
    for pattern in np.unique(has, axis=0)[::-1]:
        names = tuple(name for name, there in zip(samples.classes, pattern, strict=True) if there)
        found[names] = np.flatnonzero((has == pattern).all(axis=1))
    return found


def draws(members: Sequence[IntArray], *, resamples: int, rows: int, seed: int) -> Iterator[FloatArray]:
    """Count how often each unit is drawn, `rows` resamples at a time: [rows, units]."""
    generator = np.random.default_rng(seed)
    units = sum(len(own) for own in members)
    for start in range(0, resamples, rows):
        count = min(rows, resamples - start)
        offsets = np.arange(count)[:, None] * units
        drawn = [offsets + own[generator.integers(len(own), size=(count, len(own)))] for own in members]
        flat = np.bincount(np.concatenate(drawn, axis=1).reshape(-1), minlength=count * units)
        yield flat.reshape(count, units).astype(np.float64)


def distribution(samples: Predictions, *, minority: int, resamples: int, seed: int) -> dict[str, FloatArray]:
    """Work out every measure of every resample; NaN where a resample leaves one undefined."""
    classes = len(samples.classes)
    cells = confusions(samples.labels, samples.predictions, samples.units, classes).reshape(-1, classes**2)
    losses = np.bincount(samples.units, weights=_losses(samples))
    members = list(strata(samples).values())
    every_class = len(np.unique(samples.labels)) == classes
    areas = [WeightedAuroc(samples, index) for index in samples.positives] if every_class else []
    matrices, total_loss, auroc = [], [], []
    rows = max(1, _CHUNK // len(samples.labels))
    for weights in draws(members, resamples=resamples, rows=rows, seed=seed):
        matrices.append(weights @ cells)
        total_loss.append(weights @ losses)
        if areas:
            auroc.append(np.mean([area(weights) for area in areas], axis=0))
    counts = np.concatenate(matrices)
    values = overall(counts.reshape(-1, classes, classes), minority=minority)
    values["loss"] = np.concatenate(total_loss) / counts.sum(axis=1)
    if areas:
        values["auroc"] = np.concatenate(auroc)
    return values


def _losses(samples: Predictions) -> FloatArray:
    """Give each sample's cross entropy, clipped as scikit-learn's `log_loss` clips."""
    right = samples.normalised[np.arange(len(samples.labels)), samples.labels]
    epsilon = np.finfo(np.float64).eps
    return -np.log(np.clip(right, epsilon, 1 - epsilon))
