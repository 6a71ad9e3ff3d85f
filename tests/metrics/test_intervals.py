from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from zoo.metrics import Result, measure

Cases = Callable[..., dict[str, Any]]


def _clustered(generator: np.random.Generator, *, patients: int = 40, images: int = 20) -> dict[str, Any]:
    """Patients who are easy or hard as a whole; on average 80 % of the images are right."""
    right = np.repeat(generator.beta(4, 1, size=patients), images)
    labels = np.repeat(np.arange(patients) % 2, images)
    hit = generator.random(len(labels)) < right
    sure = generator.uniform(0.5, 1, size=len(labels))
    positive = np.where(hit == (labels == 1), sure, 1 - sure)
    return {
        "labels": labels,
        "probabilities": np.stack([1 - positive, positive], axis=1),
        "classes": ("benign", "malignant"),
        "groups": np.repeat([f"patient {index}" for index in range(patients)], images).tolist(),
    }


def _width(found: Result, name: str) -> float:
    pair = found.intervals[name]
    assert pair is not None
    return pair[1] - pair[0]


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("grouped", [True, False])
def test_an_interval_holds_its_value(case: Cases, classes: int, grouped: bool) -> None:
    given = case(classes=classes)
    found = measure(**{**given, "groups": given["groups"] if grouped else None})
    for name, value in found.values.items():
        pair = found.intervals[name]
        assert pair is not None, name
        assert value is not None
        assert pair[0] < value < pair[1], name


def test_images_of_one_patient_are_not_independent() -> None:
    given = _clustered(np.random.default_rng(0))
    patients = measure(**given)
    images = measure(**{**given, "groups": None})
    for name in ("accuracy", "loss", "f1", "auroc", "gmean", "iba"):
        assert _width(patients, name) > 1.5 * _width(images, name)


def test_unrelated_images_lose_nothing_by_being_grouped() -> None:
    given = _clustered(np.random.default_rng(0), patients=400, images=1)
    patients = measure(**given)
    images = measure(**{**given, "groups": None})
    assert _width(patients, "accuracy") == pytest.approx(_width(images, "accuracy"), rel=0.1)


def test_the_interval_of_a_share_is_that_of_the_binomial() -> None:
    """90 of 100 and 90 of 100 right: the normal approximation gives 0.9 ± 1.96 sqrt(0.9 * 0.1 / 200)."""
    labels = np.repeat([0, 1], 100)
    predictions = np.where(np.arange(200) % 10 == 0, 1 - labels, labels)
    found = measure(labels=labels, probabilities=np.eye(2)[predictions], classes=("a", "b"), resamples=20_000)
    assert found.intervals["accuracy"] == pytest.approx((0.9 - 0.0416, 0.9 + 0.0416), abs=0.006)


def test_about_95_of_100_intervals_hold_the_truth_when_patients_are_drawn() -> None:
    held = {"patient": 0, "image": 0}
    trials = 80
    for seed in range(trials):
        given = _clustered(np.random.default_rng(seed), images=10)
        for groups in (given["groups"], None):
            found = measure(**{**given, "groups": groups}, resamples=200, seed=seed)
            pair = found.intervals["accuracy"]
            assert pair is not None
            held[found.unit] += pair[0] <= 0.8 <= pair[1]
    assert held["patient"] / trials >= 0.87
    assert held["image"] / trials < 0.85


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("grouped", [True, False])
def test_the_order_of_the_samples_does_not_matter(case: Cases, classes: int, grouped: bool) -> None:
    given = case(classes=classes)
    groups = np.array(given["groups"])
    order = np.random.default_rng(5).permutation(len(groups))
    shuffled = measure(
        labels=given["labels"][order],
        probabilities=given["probabilities"][order],
        classes=given["classes"],
        groups=groups[order].tolist() if grouped else None,
    )
    assert shuffled == measure(**{**given, "groups": given["groups"] if grouped else None})


def test_a_seed_gives_the_same_intervals_and_another_seed_others(case: Cases) -> None:
    given = case()
    assert measure(**given, seed=1) == measure(**given, seed=1)
    assert measure(**given, seed=1).intervals != measure(**given, seed=2).intervals
    assert measure(**given, seed=1).values == measure(**given, seed=2).values


def test_a_single_patient_of_a_class_is_said() -> None:
    given = _clustered(np.random.default_rng(1), patients=11)
    labels = np.repeat([0] + [1] * 10, 20)
    found = measure(**{**given, "labels": labels})
    assert found.notes == ("only 1 benign patient: the intervals do not show the spread between benign patients",)
    assert found.values["specificity"] is not None
    assert found.intervals["specificity"] is None
    assert found.reasons["specificity"] == "no interval: the same whichever patients are drawn"
    assert found.intervals["recall"] is not None


def test_a_single_patient_with_both_classes_is_said() -> None:
    found = measure(
        labels=[0, 1] * 11,
        probabilities=[[0.9, 0.1], [0.4, 0.6]] * 11,
        classes=("benign", "malignant"),
        groups=[*"abcdefghijklmnopqrst", "both", "both"],
    )
    assert found.notes == (
        "only 1 benign and malignant patient: "
        "the intervals do not show the spread between benign and malignant patients",
    )


def test_few_patients_of_a_class_are_said() -> None:
    given = _clustered(np.random.default_rng(1), patients=18)
    assert measure(**given).notes == (
        "only 9 benign patients: with so few, the intervals tend to be too narrow",
        "only 9 malignant patients: with so few, the intervals tend to be too narrow",
    )


def test_many_patients_bring_no_note() -> None:
    assert measure(**_clustered(np.random.default_rng(1), patients=20)).notes == ()


def test_no_resample_loses_a_class() -> None:
    """Two benign patients of twenty: drawn without strata, every eighth resample would have none."""
    given = _clustered(np.random.default_rng(2), patients=20)
    labels = np.repeat([0, 0] + [1] * 18, 20)
    found = measure(**{**given, "labels": labels})
    for name in ("specificity", "auroc", "gmean", "balanced_accuracy"):
        assert found.intervals[name] is not None
    assert not [note for note in found.notes if "leaves out" in note]


def test_an_interval_says_which_resamples_it_leaves_out() -> None:
    """Few alarms: some resamples have none, and no precision."""
    found = _few_alarms(alarms=4)
    assert found.intervals["precision"] is not None
    assert [note.split(":")[0] for note in found.notes] == ["precision", "precision_weighted"]
    assert "of resamples without a value" in found.notes[0]


def test_a_measure_that_is_mostly_luck_has_no_interval() -> None:
    found = _few_alarms(alarms=1)
    assert found.values["precision"] == 1
    assert found.intervals["precision"] is None
    assert "of the resamples" in found.reasons["precision"]


def _few_alarms(*, alarms: int) -> Result:
    labels = np.repeat([0, 1], 50)
    predictions = np.zeros(100, dtype=int)
    predictions[50 : 50 + alarms] = 1
    predictions[0] = alarms > 1
    return measure(labels=labels, probabilities=np.eye(2)[predictions], classes=("a", "b"))
