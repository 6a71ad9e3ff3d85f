from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from zoo.data.pixels.prepare import Pixels
from zoo.metrics import Result, measure
from zoo.progress import Silent
from zoo.stress import Perturbation, stress_test
from zoo.stress.stress_test import LOSS


class Gray:
    """Images of one gray value each."""

    def __init__(self, values: Sequence[int]) -> None:
        self._values = np.array(values, dtype=np.uint8)

    def __len__(self) -> int:
        return len(self._values)

    def read(self, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        return np.broadcast_to(self._values[np.asarray(indices), None, None, None], (len(indices), 4, 4, 3)).copy()


DARKER = Perturbation(
    name="darker",
    unit="gray values",
    strengths=(10, 20, 30),
    apply=lambda images, strength: np.asarray(images - np.minimum(images, int(strength)), dtype=np.uint8),
)


def bright_is_benign(pixels: Pixels) -> Result:
    """A model that calls images brighter than 100 benign; 10 images of each class at 105, 115, …, and 50."""
    gray = pixels.read(range(len(pixels)))[:, 0, 0, 0]
    malignant = (gray <= 100).astype(float)
    labels = [0] * (len(pixels) // 2) + [1] * (len(pixels) // 2)
    return measure(
        labels=labels,
        probabilities=np.stack([1 - malignant, malignant], axis=1),
        classes=("benign", "malignant"),
        groups=None,
    )


def test_the_curve_has_the_measure_of_each_strength_and_where_it_loses_five_points() -> None:
    pixels = Gray([115] * 8 + [200] * 2 + [50] * 10)
    found = stress_test(
        bright_is_benign, pixels, measure="balanced_accuracy", progress=Silent(), perturbations=[DARKER]
    )
    (curve,) = found.curves
    assert found.value == 1.0
    assert [point.value for point in curve.points] == [1.0, 0.6, 0.6]
    assert curve.loses_five_points_at == pytest.approx(10 + 10 * 0.05 / 0.4)
    assert found.robustness == pytest.approx((1 + 0.6 + 0.6) / 3)


def test_a_loss_of_exactly_five_points_is_one() -> None:
    found = stress_test(
        bright_is_benign,
        Gray([90] + [105] + [200] * 8 + [50] * 10),
        measure="balanced_accuracy",
        progress=Silent(),
        perturbations=[DARKER],
    )
    assert found.value - LOSS < 0.9, "rounding of binary fractions: 0.95 - 0.05"
    assert [point.value for point in found.curves[0].points] == [0.9, 0.9, 0.9]
    assert found.curves[0].loses_five_points_at == 10


def test_a_model_that_never_loses_five_points_has_no_such_strength() -> None:
    found = stress_test(
        bright_is_benign,
        Gray([200] * 10 + [50] * 10),
        measure="balanced_accuracy",
        progress=Silent(),
        perturbations=[DARKER],
    )
    assert found.curves[0].loses_five_points_at is None
