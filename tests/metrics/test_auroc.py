from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from zoo.metrics.auroc import UnitAuroc
from zoo.metrics.predictions import check_predictions
from zoo.metrics.strata import strata, units_of_classes

Cases = Callable[..., dict[str, Any]]


@pytest.mark.parametrize("grouped", [True, False])
@pytest.mark.parametrize("classes", [2, 3])
def test_areas_with_tied_scores_agree_with_scikit_learn(case: Cases, classes: int, grouped: bool) -> None:
    given = case(classes=classes, samples=120)
    samples = check_predictions(**{**given, "groups": given["groups"] if grouped else None})
    for positive in range(classes):
        scores = samples.scores[:, positive]
        assert len(np.unique(scores)) < len(scores), "the made-up scores should have ties"
        expected = roc_auc_score(samples.labels == positive, scores)
        assert UnitAuroc(samples, positive).area() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("mixed", [True, False])
@pytest.mark.parametrize("seed", range(3))
def test_areas_without_a_patient_agree_with_scikit_learn_on_weighted_samples(mixed: bool, seed: int) -> None:
    """The other patients of the stratum weigh n / (n - 1), so that it keeps its weight."""
    generator = np.random.default_rng(seed)
    units = np.sort(generator.integers(14, size=200))
    units[:14] = np.arange(14)
    labels = (generator.random(200) < (0.5 if mixed else 1) * (units % 3 > 0)).astype(int)
    scores = np.round(generator.normal(size=200) + labels, 1)[:, None]
    samples = check_predictions(
        labels=labels, logits=scores, classes=("a", "b"), groups=[f"{unit:02d}" for unit in units]
    )
    stratum = strata(units_of_classes(samples))
    assert len(np.unique(stratum)) == 2
    found = UnitAuroc(samples, 1).without_each_unit(stratum)
    for unit in range(14):
        others = (stratum == stratum[unit]).sum()
        weights = np.where(stratum == stratum[unit], others / (others - 1), 1.0)
        weights[unit] = 0
        expected = roc_auc_score(samples.labels, samples.scores[:, 1], sample_weight=weights[samples.units])
        assert found[unit] == pytest.approx(expected, abs=1e-12)


def test_equal_scores_have_an_area_of_one_half() -> None:
    samples = check_predictions(labels=[0, 1, 1], probabilities=[[0.5, 0.5]] * 3, classes=("a", "b"), groups=None)
    assert UnitAuroc(samples, 1).area() == 0.5
