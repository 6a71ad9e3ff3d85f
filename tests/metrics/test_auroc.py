from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from zoo.metrics.auroc import WeightedAuroc
from zoo.metrics.predictions import check_predictions

Cases = Callable[..., dict[str, Any]]


@pytest.mark.parametrize("grouped", [True, False])
@pytest.mark.parametrize("classes", [2, 3])
def test_weighted_areas_agree_with_scikit_learn(case: Cases, classes: int, grouped: bool) -> None:
    given = case(classes=classes, samples=120)
    samples = check_predictions(**{**given, "groups": given["groups"] if grouped else None})
    weights = np.random.default_rng(1).integers(0, 4, size=(30, samples.units.max() + 1)).astype(float)
    for positive in range(classes):
        areas = WeightedAuroc(samples, positive)(weights)
        scores = samples.scores[:, positive]
        assert len(np.unique(scores)) < len(scores), "the made-up scores should have ties"
        expected = [
            roc_auc_score(samples.labels == positive, scores, sample_weight=row[samples.units]) for row in weights
        ]
        assert areas == pytest.approx(expected, abs=1e-12)


def test_equal_scores_have_an_area_of_one_half() -> None:
    samples = check_predictions(labels=[0, 1, 1], probabilities=[[0.5, 0.5]] * 3, classes=("a", "b"), groups=None)
    assert WeightedAuroc(samples, 1)(np.array([[1.0, 2.0, 3.0]])).tolist() == [0.5]
