"""A stress test: a measure at each strength of each degradation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from zoo.data.pixels.prepare import Pixels
from zoo.metrics import Result
from zoo.metrics.across_runs import SAME
from zoo.metrics.metrics_file import StressCurve, StressPoint, StressTest
from zoo.progress import Reporter
from zoo.stress.perturbations import PERTURBATIONS, Perturbation

LOSS = 0.05
"""The loss of a measure whose strength is reported: 5 points."""


@dataclass(frozen=True)
class PerturbedPixels:
    """Images that are degraded whenever they are read."""

    pixels: Pixels
    perturbation: Perturbation
    strength: float

    def __len__(self) -> int:
        return len(self.pixels)

    def read(self, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        """Return the degraded images with these indices."""
        return self.perturbation.apply(self.pixels.read(indices), self.strength)


def stress_test(
    measured: Callable[[Pixels], Result],
    pixels: Pixels,
    *,
    measure: str,
    progress: Reporter,
    perturbations: Sequence[Perturbation] = PERTURBATIONS,
) -> StressTest:
    """Return the measure of a model at each strength of each degradation.

    Args:
        measured: Returns the measures of the model on these pixels.
        pixels: The unchanged images.
        measure: The name of the measure.
        progress: Shows progress.
        perturbations: The degradations.
    """
    clean = measured(pixels)
    value = clean.values[measure]
    if value is None:
        raise ValueError(f"{measure} is undefined for these images")
    curves = []
    with progress.track("degrading", sum(len(one.strengths) for one in perturbations), "strengths") as task:
        for perturbation in perturbations:
            points = []
            for strength in perturbation.strengths:
                result = measured(PerturbedPixels(pixels, perturbation, strength))
                points.append(
                    StressPoint(strength=strength, value=result.values[measure], interval=result.intervals.get(measure))
                )
                task.advance()
            curves.append(
                StressCurve(
                    name=perturbation.name,
                    unit=perturbation.unit,
                    points=tuple(points),
                    loses_five_points_at=_crossing(points, value, value - LOSS),
                )
            )
    values = [point.value for curve in curves for point in curve.points if point.value is not None]
    return StressTest(
        measure=measure,
        value=value,
        robustness=float(np.mean(values)),
        curves=tuple(curves),
    )


def _crossing(points: Sequence[StressPoint], start: float, level: float) -> float | None:
    """Return the first strength at which the measure falls to a level; None if it does not."""
    before = StressPoint(strength=0.0, value=start, interval=None)
    for point in points:
        if before.value is not None and point.value is not None and point.value <= level + SAME:
            share = (before.value - level) / (before.value - point.value)
            return before.strength + min(share, 1) * (point.strength - before.strength)
        before = point
    return None
