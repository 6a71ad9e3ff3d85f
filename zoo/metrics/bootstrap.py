"""The bootstrap distribution of every measure.

Units (patients, or images where patients are not known) are drawn with replacement, separately in each stratum of units
with the same classes, so that no resample loses a class. A resample is a row of weights: how often each unit was drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from zoo.metrics.predictions import FloatArray, IntArray, Predictions
from zoo.metrics.weighted_measures import WeightedMeasures

Strata = dict[tuple[str, ...], IntArray]
"""The units of each set of classes: patients with benign images, patients with both, …"""

_CHUNK = 1 << 18
"""Elements of the largest temporary array: few enough for a processor's cache."""


def strata(samples: Predictions) -> Strata:
    """Return the units grouped by the set of classes that their samples have."""
    has = np.zeros((int(samples.units.max()) + 1, len(samples.classes)), dtype=bool)
    has[samples.units, samples.labels] = True
    by_classes = {}
    for pattern in np.unique(has, axis=0)[::-1]:
        names = tuple(name for name, present in zip(samples.classes, pattern, strict=True) if present)
        by_classes[names] = np.flatnonzero((has == pattern).all(axis=1))
    return by_classes


def resample_weights(members: Sequence[IntArray], *, resamples: int, rows: int, seed: int) -> Iterator[FloatArray]:
    """Yield how often each unit is drawn, as arrays [rows, units] of at most `rows` resamples.

    Args:
        members: The units of each stratum.
        resamples: How many resamples are drawn in all.
        rows: How many of them one array holds.
        seed: Seed of the random numbers.
    """
    generator = np.random.default_rng(seed)
    units = sum(len(stratum) for stratum in members)
    for start in range(0, resamples, rows):
        count = min(rows, resamples - start)
        offsets = np.arange(count)[:, None] * units
        drawn = [offsets + stratum[generator.integers(len(stratum), size=(count, len(stratum)))] for stratum in members]
        flat = np.bincount(np.concatenate(drawn, axis=1).reshape(-1), minlength=count * units)
        yield flat.reshape(count, units).astype(np.float64)


def bootstrap_distribution(
    samples: Predictions, measures: WeightedMeasures, *, resamples: int, seed: int
) -> dict[str, FloatArray]:
    """Return every measure's value in each resample; NaN where a resample leaves the measure undefined."""
    members = list(strata(samples).values())
    rows = max(1, _CHUNK // len(samples.labels))
    chunks = [measures(weights) for weights in resample_weights(members, resamples=resamples, rows=rows, seed=seed)]
    return {name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]}
