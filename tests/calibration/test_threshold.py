from __future__ import annotations

import numpy as np
import pytest

from zoo.calibration import choose_threshold


@pytest.mark.parametrize("seed", range(20))
def test_no_other_threshold_has_a_higher_balanced_accuracy(seed: int) -> None:
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 2, 30)
    labels[:2] = 0, 1
    values = np.clip(generator.normal(0.3 + 0.2 * labels, 0.2), 0, 1).round(2)
    found = choose_threshold(values, labels)
    assert found is not None

    def balanced_accuracy(thresholds: np.ndarray) -> np.ndarray:
        positive = values > thresholds[:, None]
        return np.asarray(positive[:, labels == 1].mean(axis=1) + 1 - positive[:, labels == 0].mean(axis=1)) / 2

    assert balanced_accuracy(np.array([found]))[0] >= balanced_accuracy(np.linspace(-0.001, 1, 2000)).max() - 1e-12


def test_of_equally_good_thresholds_the_one_closest_to_a_half_is_chosen() -> None:
    assert choose_threshold(np.array([0.1, 0.2, 0.9, 0.95]), np.array([0, 0, 1, 1])) == pytest.approx(0.55)


def test_there_is_no_threshold_for_one_class() -> None:
    assert choose_threshold(np.array([0.1, 0.9]), np.array([1, 1])) is None
    assert choose_threshold(np.array([0.1, 0.9]), np.array([0, 0])) is None
