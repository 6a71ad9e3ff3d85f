from __future__ import annotations

import math

import numpy as np
import pytest

from zoo.calibration import fit_temperature
from zoo.errors import DataError


def drawn(temperature: float, classes: int, count: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    """Logits that are too confident by this factor, and labels drawn from the right probabilities."""
    generator = np.random.default_rng(0)
    right = generator.normal(0, 2, (count, classes))
    gumbel = generator.gumbel(size=right.shape)
    return right * temperature, (right + gumbel).argmax(axis=1)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("classes", [2, 3])
def test_the_temperature_that_spoiled_the_logits_is_found(temperature: float, classes: int) -> None:
    assert fit_temperature(*drawn(temperature, classes)) == (pytest.approx(temperature, rel=0.05), None)


def test_a_single_output_has_the_temperature_of_two() -> None:
    logits, labels = drawn(2.5, 2)
    single = logits[:, 1:] - logits[:, :1]
    assert fit_temperature(single, labels)[0] == pytest.approx(fit_temperature(logits, labels)[0] or 0, rel=1e-4)


def test_a_patient_with_many_images_counts_like_any_other() -> None:
    """One patient of 5,000 images whose logits are far too confident, beside 500 whose logits are right."""
    (wrong, wrong_labels), (right, right_labels) = drawn(8.0, 2, 5000), drawn(1.0, 2, 500)
    logits, labels = np.concatenate([wrong, right]), np.concatenate([wrong_labels, right_labels])
    groups = ["one"] * 5000 + [f"{number}" for number in range(500)]
    assert (fit_temperature(logits, labels)[0] or 0) > 5
    assert fit_temperature(logits, labels, groups=groups)[0] == pytest.approx(1, rel=0.3)


def test_few_patients_move_the_temperature_little_and_many_as_far_as_the_data_say() -> None:
    """Answers of a coin with certain probabilities: without a prior, the temperature would be the highest."""
    generator = np.random.default_rng(0)
    temperatures = []
    for patients in (1, 3, 1000):
        labels = generator.permutation(np.repeat([0, 1], 5 * patients))
        logits = 3 * generator.choice([-1.0, 1.0], size=(len(labels), 1))
        groups = [f"{number % patients}" for number in range(len(labels))]
        assert (fit_temperature(logits, labels, groups=groups, spread=math.inf)[0] or 0) > 10
        temperatures.append(fit_temperature(logits, labels, groups=groups)[0] or 0)
    assert 1 < temperatures[0] < 2.5
    assert temperatures[0] < temperatures[1] < 4
    assert temperatures[2] > 9


def test_there_is_no_temperature_without_an_error_or_with_one_class_and_it_says_why() -> None:
    logits = np.array([[2.0, -1.0], [-3.0, 1.0], [0.5, 0.2]])
    assert fit_temperature(logits, np.array([0, 1, 0])) == (None, "no error")
    assert fit_temperature(logits, np.array([0, 0, 0])) == (None, "one class")


def test_extreme_logits_give_a_finite_temperature() -> None:
    for size in (800.0, 1e30):
        logits = np.array([[size, -size], [-size, size], [size, -size]])
        found, _ = fit_temperature(logits, np.array([0, 1, 1]))
        assert 1 <= (found or 0) <= 20.001


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_outputs_that_are_not_finite_are_refused(value: float) -> None:
    with pytest.raises(DataError, match="validation images are not finite"):
        fit_temperature(np.array([[value, 0.0], [1.0, 0.0]]), np.array([0, 1]))
