from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from zoo.metrics import average_precision
from zoo.metrics.average_precision import UnitAveragePrecision
from zoo.metrics.predictions import Predictions, check_predictions
from zoo.metrics.strata import strata, units_of_classes

Cases = Callable[..., dict[str, Any]]


def drawn(seed: int, *, units: int, images: int, mixed: bool = True) -> Predictions:
    """Tied scores of patients who have both classes, or one."""
    generator = np.random.default_rng(seed)
    unit = np.repeat(np.arange(units), images)
    labels = (generator.random(len(unit)) < (0.4 if mixed else 1) * (unit % 3 > 0)).astype(int)
    scores = np.round(generator.normal(size=len(unit)) + labels, 1)[:, None]
    return check_predictions(labels=labels, logits=scores, classes=("a", "b"), groups=[f"{one:05d}" for one in unit])


@pytest.mark.parametrize("classes", [2, 3])
def test_the_average_precision_of_tied_scores_agrees_with_scikit_learn(case: Cases, classes: int) -> None:
    samples = check_predictions(**case(classes=classes, samples=120))
    for positive in range(classes):
        expected = average_precision_score(samples.labels == positive, samples.scores[:, positive])
        assert UnitAveragePrecision(samples, positive).area() == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("mixed", [True, False])
def test_without_a_patient_it_agrees_with_scikit_learn_on_weighted_samples(mixed: bool) -> None:
    samples = drawn(0, units=14, images=12, mixed=mixed)
    stratum = strata(units_of_classes(samples))
    found = UnitAveragePrecision(samples, 1).without_each_unit(stratum)
    for unit in range(14):
        others = (stratum == stratum[unit]).sum()
        weights = np.where(stratum == stratum[unit], others / (others - 1), 1.0)
        weights[unit] = 0
        expected = average_precision_score(samples.labels, samples.scores[:, 1], sample_weight=weights[samples.units])
        assert found[unit] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("images", [1, 5])
def test_of_many_patients_the_derivative_gives_nearly_what_leaving_each_out_gives(
    images: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = drawn(1, units=290, images=images)
    stratum = strata(units_of_classes(samples))
    area = UnitAveragePrecision(samples, 1)
    exact = area.without_each_unit(stratum) - area.area()
    monkeypatch.setattr(average_precision, "EXACT", 10)
    quick = area.without_each_unit(stratum) - area.area()
    assert np.abs(quick - exact).max() < 0.05 * np.abs(exact).max()  # of a patient with the highest scores
    assert quick.std() == pytest.approx(exact.std(), rel=0.02)


def test_without_a_negative_sample_it_is_undefined_since_it_is_1_for_any_scores() -> None:
    samples = check_predictions(labels=[1, 1], logits=[[0.0], [1.0]], classes=("a", "b"), groups=None)
    assert np.isnan(UnitAveragePrecision(samples, 1).area())
