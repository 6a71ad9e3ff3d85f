"""How often prediction sets contain the true class, beside how often they should, and how large they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zoo.metrics.patient_mean import PatientMean, patient_mean
from zoo.text import percent


@dataclass(frozen=True, kw_only=True)
class CoverageResult:
    """The prediction sets of some images."""

    asked: float
    """The coverage that was asked for."""
    measured: Mapping[str, PatientMean]
    """Of each class, the share of its images whose set contains it: the mean over patients."""
    mean_size: float
    """The mean number of classes in a set."""
    single: float
    """The share of images with one class in the set."""
    note: str = ""
    """Which classes cannot be ruled out, since they had too few validation patients."""

    def __str__(self) -> str:
        each = "; ".join(f"{name} {mean}" for name, mean in self.measured.items())
        return (
            f"coverage asked {self.asked:g}, measured: {each}; {self.mean_size:.2f} classes in a set on average, "
            f"{percent(self.single)} of the images with a single one{f'; {self.note}' if self.note else ''}"
        )


def measure_coverage(
    sets: NDArray[np.bool_],
    labels: NDArray[np.integer],
    *,
    classes: Sequence[str],
    groups: Sequence[str] | None,
    asked: float,
    note: str = "",
) -> CoverageResult:
    """Return how often prediction sets contain the true class.

    Args:
        sets: Which classes are in the set of each image, [images, classes].
        labels: The true class of each image, as a number.
        classes: The names of the classes.
        groups: The patient of each image; None if not known.
        asked: The coverage that was asked for.
        note: Which classes cannot be ruled out.
    """
    measured = {}
    for number, name in enumerate(classes):
        own: list[int] = np.flatnonzero(labels == number).tolist()
        patients = None if groups is None else [groups[index] for index in own]
        measured[name] = patient_mean(sets[own, number], patients)
    sizes = sets.sum(axis=1)
    return CoverageResult(
        asked=asked,
        measured=measured,
        mean_size=float(sizes.mean()),
        single=float((sizes == 1).mean()),
        note=note,
    )
