"""The interval of the difference of two models on the same images."""

from __future__ import annotations

import numpy as np
import pytest

from zoo.metrics.paired import paired_difference
from zoo.metrics.predictions import Predictions, check_predictions

PATIENTS, IMAGES = 30, 20


def _predictions(right: np.ndarray) -> Predictions:
    """Return predictions that are right where this says so, [patients, images]; even patients are negative."""
    labels = np.repeat(np.arange(PATIENTS) % 2, IMAGES)
    predicted = np.where(right.reshape(-1), labels, 1 - labels)
    positive = np.where(predicted == 1, 0.8, 0.2)
    groups = [f"p{patient:02d}" for patient in range(PATIENTS) for _ in range(IMAGES)]
    return check_predictions(
        labels=labels, probabilities=np.stack([1 - positive, positive], axis=1), classes=("a", "b"), groups=groups
    )


def _drawn(random: np.random.Generator, effect: float) -> tuple[list[Predictions], list[Predictions]]:
    """Return two trainings of two models; patients differ, and so do trainings."""
    patients = random.normal(0.8, 0.08, (PATIENTS, 1))
    models = [
        [_predictions(random.random((PATIENTS, IMAGES)) < patients + gain + random.normal(0, 0.02)) for _ in range(3)]
        for gain in (effect, 0.0)
    ]
    return models[0], models[1]


def test_the_interval_covers_the_true_difference_about_as_often_as_it_says() -> None:
    random = np.random.default_rng(0)
    covered = 0
    for _ in range(200):
        first, second = _drawn(random, 0.06)
        found = paired_difference(first, second, measure="accuracy")
        assert found is not None
        assert found.interval is not None
        covered += found.interval[0] <= 0.06 <= found.interval[1]
    assert 0.91 <= covered / 200 <= 1


def test_the_same_predictions_have_no_difference_and_no_interval() -> None:
    one = _predictions(np.random.default_rng(0).random((PATIENTS, IMAGES)) < 0.8)
    found = paired_difference([one], [one], measure="balanced_accuracy")
    assert found is not None
    assert (found.difference, found.interval) == (0, None)
    assert "the same for every patient" in found.reason


def test_the_interval_of_one_training_is_that_between_patients(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    first, second = _drawn(random, 0.06)
    found = paired_difference(first[:1], second[:1], measure="accuracy")
    assert found is not None
    assert found.interval is not None
    per_patient = [
        [(one.predictions == one.labels)[one.units == unit].mean() for unit in range(PATIENTS)]
        for one in (first[0], second[0])
    ]
    differences = np.array(per_patient[0]) - np.array(per_patient[1])
    deviation = np.sqrt(sum(differences[side::2].var(ddof=1) / 15 for side in (0, 1)) / 4)
    assert (found.interval[1] - found.interval[0]) / 2 == pytest.approx(2.05 * deviation, rel=0.1)
