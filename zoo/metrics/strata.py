"""Strata: the units (patients, or images where patients are not known) grouped by the classes that they have."""

from __future__ import annotations

import numpy as np

from zoo.metrics.predictions import IntArray, Predictions
from zoo.spec import RestsOn

MIN_UNITS = 3
"""Of fewer units, the spread between them cannot be estimated well enough for an interval that is of use."""


def units_of_classes(samples: Predictions) -> np.ndarray:
    """Return which classes each unit has, [units, classes]."""
    has = np.zeros((int(samples.units.max()) + 1, len(samples.classes)), dtype=bool)
    has[samples.units, samples.labels] = True
    return has


def resting_units(rests_on: RestsOn, has: np.ndarray) -> tuple[int, int | None]:
    """Return how many units a measure rests on, and of which class they are: the rarest one; None for all units.

    Args:
        rests_on: Whose units count.
        has: Which classes each unit has, [units, classes].
    """
    if rests_on == "all":
        return len(has), None
    counts = has.sum(axis=0)
    alone = {"positive class": 1, "negative class": 0}.get(rests_on) if len(counts) == 2 else None
    present = np.flatnonzero(counts).tolist() if alone is None else [alone]
    rarest = min(present, key=lambda index: int(counts[index]))
    return int(counts[rarest]), rarest


def strata(has: np.ndarray) -> IntArray:
    """Return the stratum of each unit; units with the same classes have the same one.

    A split keeps the number of patients of each class, so what differs from one choice of patients to the next is who
    they are within a stratum. A stratum of fewer than `MIN_UNITS` units is joined with the smallest one that shares
    a class, or with the smallest of all.

    Args:
        has: Which classes each unit has, [units, classes].
    """
    patterns, of_unit = np.unique(has, axis=0, return_inverse=True)
    found = [(pattern, np.flatnonzero(of_unit.reshape(-1) == index)) for index, pattern in enumerate(patterns)]
    while len(found) > 1:
        found.sort(key=lambda stratum: len(stratum[1]))
        (classes, units), *others = found
        if len(units) >= MIN_UNITS:
            break
        shares = [bool((classes & other).any()) for other, _ in others]
        partner = shares.index(True) if True in shares else 0
        joined, members = others.pop(partner)
        found = [(classes | joined, np.concatenate([units, members])), *others]
    numbers = np.empty(len(has), dtype=np.int64)
    for number, (_, units) in enumerate(found):
        numbers[units] = number
    return numbers
