from __future__ import annotations

import numpy as np
import pytest

from zoo.calibration import fit_temperature


def drawn(temperature: float, classes: int, count: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    """Logits that are too confident by this factor, and labels drawn from the right probabilities."""
    generator = np.random.default_rng(0)
    right = generator.normal(0, 2, (count, classes))
    gumbel = generator.gumbel(size=right.shape)
    return right * temperature, (right + gumbel).argmax(axis=1)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("classes", [2, 3])
def test_the_temperature_that_spoiled_the_logits_is_found(temperature: float, classes: int) -> None:
    assert fit_temperature(*drawn(temperature, classes)) == pytest.approx(temperature, rel=0.05)


def test_a_single_output_has_the_temperature_of_two() -> None:
    logits, labels = drawn(2.5, 2)
    single = logits[:, 1:] - logits[:, :1]
    assert fit_temperature(single, labels) == pytest.approx(fit_temperature(logits, labels), rel=1e-4)


def test_there_is_no_temperature_without_an_error_or_with_one_class() -> None:
    logits = np.array([[2.0, -1.0], [-3.0, 1.0], [0.5, 0.2]])
    assert fit_temperature(logits, np.array([0, 1, 0])) is None
    assert fit_temperature(logits, np.array([0, 0, 0])) is None


def test_extreme_logits_give_a_finite_temperature() -> None:
    logits = np.array([[800.0, -800.0], [-800.0, 800.0], [800.0, -800.0]])
    assert 1 <= (fit_temperature(logits, np.array([0, 1, 1])) or 0) <= 20.001
