from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.metrics.reference import overall_measures, per_class_measures
from zoo.metrics.bootstrap import bootstrap_distribution, resample_weights, strata
from zoo.metrics.predictions import check_predictions
from zoo.metrics.weighted_measures import WeightedMeasures

Cases = Callable[..., dict[str, Any]]


def test_patients_with_both_classes_are_a_stratum() -> None:
    samples = check_predictions(
        labels=[0, 0, 1, 1, 0],
        probabilities=[[0.5, 0.5]] * 5,
        classes=("benign", "malignant"),
        groups=["anna", "bert", "carl", "dora", "dora"],
    )
    found = {names: units.tolist() for names, units in strata(samples).items()}
    assert found == {("benign",): [0, 1], ("malignant",): [2], ("benign", "malignant"): [3]}


def test_each_resample_draws_as_many_units_of_a_stratum_as_it_has() -> None:
    members = [np.array([0, 3]), np.array([1, 2, 4])]
    weights = np.concatenate(list(resample_weights(members, resamples=500, rows=64, seed=0)))
    assert weights.shape == (500, 5)
    assert set(weights[:, members[0]].sum(axis=1)) == {2}
    assert set(weights[:, members[1]].sum(axis=1)) == {3}
    assert weights.mean(axis=0) == pytest.approx(np.ones(5), abs=0.15)
    assert (weights == 0).any(axis=0).all()


def test_a_resample_has_the_measures_of_its_repeated_samples(case: Cases) -> None:
    """Each resample is rebuilt by hand: every image of a patient drawn twice is there twice."""
    samples = check_predictions(**case(classes=3, samples=90, patients=12))
    measures = WeightedMeasures(samples)
    weights = next(resample_weights(list(strata(samples).values()), resamples=3, rows=3, seed=7))
    measured = bootstrap_distribution(samples, measures, resamples=3, seed=7)
    for index, row in enumerate(weights):
        again = np.repeat(np.arange(len(samples.labels)), row[samples.units].astype(int))
        labels, probabilities = samples.labels[again], samples.scores[again]
        expected = overall_measures(labels, probabilities, samples.classes)
        minority = samples.classes[measures.minority]  # that of all samples, not of the resample
        each = per_class_measures(labels, probabilities.argmax(axis=1), samples.classes)
        expected["f1_minority"] = each[minority]["f1"]
        assert {name: values[index] for name, values in measured.items()} == pytest.approx(expected, abs=1e-12)
