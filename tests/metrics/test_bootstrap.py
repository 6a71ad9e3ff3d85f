from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import log_loss

from zoo.metrics.bootstrap import distribution, draws, strata
from zoo.metrics.point_estimates import point
from zoo.metrics.predictions import check_predictions

Cases = Callable[..., dict[str, Any]]


def test_a_patient_with_two_classes_is_a_stratum_of_its_own() -> None:
    samples = check_predictions(
        labels=[0, 0, 1, 1, 0],
        probabilities=[[0.5, 0.5]] * 5,
        classes=("benign", "malignant"),
        groups=["anna", "bert", "carl", "dora", "dora"],
    )
    found = {names: units.tolist() for names, units in strata(samples).items()}
    assert found == {("benign",): [0, 1], ("malignant",): [2], ("benign", "malignant"): [3]}


def test_each_draw_takes_as_many_units_from_a_stratum_as_it_has() -> None:
    members = [np.array([0, 3]), np.array([1, 2, 4])]
    weights = np.concatenate(list(draws(members, resamples=500, rows=64, seed=0)))
    assert weights.shape == (500, 5)
    assert set(weights[:, members[0]].sum(axis=1)) == {2}
    assert set(weights[:, members[1]].sum(axis=1)) == {3}
    assert weights.mean(axis=0) == pytest.approx(np.ones(5), abs=0.15)
    assert (weights == 0).any(axis=0).all()


def test_a_draw_measures_what_the_repeated_samples_would(case: Cases) -> None:
    """One resample rebuilt by hand: every image of a patient drawn twice counts twice."""
    samples = check_predictions(**case(classes=3, samples=90, patients=12))
    found = point(samples)
    rows = 1 << 18
    members = list(strata(samples).values())
    weights = next(draws(members, resamples=3, rows=rows // len(samples.labels), seed=7))
    measured = distribution(samples, minority=found.minority, resamples=3, seed=7)
    for index, row in enumerate(weights):
        again = np.repeat(np.arange(len(samples.labels)), row[samples.units].astype(int))
        rebuilt = point(
            check_predictions(
                labels=samples.labels[again],
                probabilities=samples.probabilities[again],
                classes=samples.classes,
                groups=None,
            )
        )
        expected = rebuilt.values | {
            "f1_minority": rebuilt.per_class[samples.classes[found.minority]]["f1"],
            "loss": log_loss(samples.labels[again], samples.probabilities[again]),
        }
        assert {name: values[index] for name, values in measured.items()} == pytest.approx(expected, abs=1e-12)
