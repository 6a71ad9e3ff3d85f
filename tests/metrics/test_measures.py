from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from zoo.metrics import measure, unit_measures
from zoo.metrics.measure_functions import OfSamples
from zoo.metrics.measures import MEASURES
from zoo.metrics.predictions import FloatArray, Predictions
from zoo.metrics.registered_measures import RegisteredMeasure, registered_measures
from zoo.metrics.scale import LOGIT
from zoo.spec import Measure

Cases = Callable[..., dict[str, Any]]


def test_every_measure_has_its_own_name_a_title_and_a_sentence() -> None:
    assert len({one.name for one in MEASURES}) == len({one.title for one in MEASURES}) == len(MEASURES)
    assert all(one.summary and not one.summary.endswith(".") for one in MEASURES)
    assert {one.name for one in MEASURES if not one.higher_is_better} == {"loss", "brier", "calibration_error"}


def test_the_documentation_lists_every_measure_as_it_is_declared() -> None:
    page = (Path(__file__).parents[2] / "docs" / "statistics.md").read_text(encoding="utf-8")
    rows = [f"| `{one.name}` | {one.title} | {one.summary} |" for one in MEASURES]
    assert "<!-- measures -->\n" + "\n".join(["| key | measure | what it is |", "|---|---|---|", *rows]) in page


def test_only_a_dozen_measures_are_shown_in_the_terminal() -> None:
    assert len([one for one in MEASURES if one.headline]) <= 12


@pytest.mark.parametrize("classes", [2, 3])
def test_a_measure_is_better_for_better_predictions_as_it_says(classes: int, case: Cases) -> None:
    given = case(classes=classes, seed=4)
    better = {**given, "probabilities": 0.5 * given["probabilities"] + 0.5 * np.eye(classes)[given["labels"]]}
    before, after = measure(**given).values, measure(**better).values
    for one in MEASURES:
        if one.name != "calibration_error":  # it is not about right and wrong
            old, new = before[one.name], after[one.name]
            assert old is not None
            assert new is not None
            assert (new > old) == one.higher_is_better, one.name


def test_a_measure_of_ones_own_is_one_function_of_weighted_samples(
    case: Cases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its interval is that of accuracy, which it is."""

    def share_right(samples: Predictions, weights: FloatArray) -> float:
        return float(np.average(samples.predictions == samples.labels, weights=weights))

    declared = Measure(
        name="share_right",
        title="share right",
        summary="the share of right images",
        measure="a:b",
        rests_on="all",
    )
    own = RegisteredMeasure(declared=declared, function=OfSamples(function=share_right), scale=LOGIT)
    monkeypatch.setattr(unit_measures, "registered_measures", lambda: (*registered_measures(), own))
    found = measure(**case())
    assert found.values["share_right"] == pytest.approx(found.values["accuracy"])
    assert found.intervals["share_right"] == pytest.approx(found.intervals["accuracy"])


def test_a_measure_without_a_value_and_a_reason_of_its_own_says_that_it_is_undefined(
    case: Cases, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = Measure(name="none", title="none", summary="nothing", measure="a:b")
    function = OfSamples(function=lambda samples, weights: float("nan"))
    own = RegisteredMeasure(declared=declared, function=function, scale=LOGIT)
    monkeypatch.setattr(unit_measures, "registered_measures", lambda: (*registered_measures(), own))
    found = measure(**case())
    assert found.values["none"] is None
    assert found.reasons["none"] == "undefined for these predictions"


@pytest.mark.parametrize(
    ("labels", "predictions", "mcc", "kappa"),
    [
        ([0, 0, 0], [0, 0, 0], "every sample is a", "every sample is a"),
        ([0, 0, 0], [1, 1, 1], "every sample is a", None),
        ([0, 0, 0], [0, 1, 1], "every sample is a", None),
        ([0, 1, 1], [1, 1, 1], "every sample was predicted as b", None),
        ([0, 1, 1], [0, 1, 0], None, None),
    ],
)
def test_correlation_and_kappa_without_two_classes_are_undefined_or_0(
    labels: list[int], predictions: list[int], mcc: str | None, kappa: str | None
) -> None:
    found = measure(labels=labels, probabilities=0.8 * np.eye(2)[predictions] + 0.1, classes=("a", "b"))
    for name, why in (("mcc", mcc), ("cohen_kappa", kappa)):
        assert (found.values[name] is None) == (why is not None)
        assert found.reasons.get(name, "").startswith(why or "no interval")
    if mcc and not kappa:
        assert found.values["cohen_kappa"] == 0


def test_the_patient_recognition_rate_counts_patients_and_not_images() -> None:
    """A patient with 8 of 8 images right, and two with 1 of 2: two thirds, where the accuracy is 10 of 12."""
    found = measure(
        labels=[0] * 8 + [1] * 4,
        probabilities=0.8 * np.eye(2)[[0] * 8 + [1, 0, 1, 0]] + 0.1,
        classes=("a", "b"),
        groups=["x"] * 8 + ["y"] * 2 + ["z"] * 2,
    )
    assert found.values["patient_recognition_rate"] == pytest.approx(2 / 3)
    assert found.values["accuracy"] == pytest.approx(10 / 12)
    unknown = measure(labels=[0, 1], probabilities=[[0.9, 0.1], [0.2, 0.8]], classes=("a", "b"))
    assert unknown.values["patient_recognition_rate"] is None
    assert unknown.reasons["patient_recognition_rate"] == "the patients are not known"


def test_the_calibration_error_agrees_with_the_calibration_curve_of_scikit_learn() -> None:
    generator = np.random.default_rng(0)
    positive = generator.random(300)
    labels = (generator.random(300) < positive**2).astype(int)
    found = measure(labels=labels, probabilities=np.stack([1 - positive, positive], axis=1), classes=("a", "b"))
    confidence = np.maximum(positive, 1 - positive)
    right, sure = calibration_curve((positive > 0.5) == labels, confidence, n_bins=15, strategy="quantile")
    assert found.values["calibration_error"] == pytest.approx(float(np.abs(right - sure).mean()), abs=1e-12)


@pytest.mark.parametrize("distinct", [1, 2, 8])
def test_images_of_the_same_probability_are_not_divided_by_whether_they_are_right(distinct: int) -> None:
    """As with votes, blank tiles or a network that answers the same to all: of 10 times p images, p are right."""
    positive = np.repeat(np.linspace(0.55, 0.9, distinct).round(2), 100)
    labels = np.concatenate([np.arange(100) < round(100 * share) for share in positive[::100]]).astype(int)
    for order in (np.arange(len(labels)), np.random.default_rng(0).permutation(len(labels))):
        found = measure(
            labels=labels[order],
            probabilities=np.stack([1 - positive, positive], axis=1)[order],
            classes=("a", "b"),
        )
        assert found.values["calibration_error"] == pytest.approx(0, abs=1e-12)


def test_the_calibration_error_of_a_perfectly_calibrated_model_is_above_0_and_has_no_interval() -> None:
    """So its interval would miss the true value, 0, in every case."""
    generator = np.random.default_rng(1)
    found = []
    for images in (100, 1000):
        positive = generator.uniform(0.1, 0.9, size=(20, images))
        labels = (generator.random((20, images)) < positive).astype(int)
        results = [
            measure(labels=truth, probabilities=np.stack([1 - p, p], axis=1), classes=("a", "b"))
            for truth, p in zip(labels, positive, strict=True)
        ]
        assert {one.intervals["calibration_error"] for one in results} == {None}
        found.append(np.mean([one.values["calibration_error"] or 0.0 for one in results]))
    assert 0.1 < found[0] < 0.2
    assert 0.02 < found[1] < 0.06
