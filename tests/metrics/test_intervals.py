from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from zoo.metrics import Result, measure

Cases = Callable[..., dict[str, Any]]


def clustered(generator: np.random.Generator, *, patients: int = 40, images: int = 20) -> dict[str, Any]:
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


def width(found: Result, name: str) -> float:
    pair = found.intervals[name]
    assert pair is not None
    return pair[1] - pair[0]


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("grouped", [True, False])
def test_every_interval_contains_its_value(case: Cases, classes: int, grouped: bool) -> None:
    given = case(classes=classes)
    found = measure(**{**given, "groups": given["groups"] if grouped else None})
    for name, value in found.values.items():
        pair = found.intervals[name]
        assert pair is not None, name
        assert value is not None
        assert pair[0] < value < pair[1], name


def test_intervals_are_wider_when_images_of_one_patient_resemble_each_other() -> None:
    given = clustered(np.random.default_rng(0))
    patients = measure(**given)
    images = measure(**{**given, "groups": None})
    for name in ("accuracy", "loss", "f1", "auroc", "gmean", "iba"):
        assert width(patients, name) > 1.5 * width(images, name)


def test_patients_with_one_image_each_have_the_interval_of_images() -> None:
    given = clustered(np.random.default_rng(0), patients=400, images=1)
    patients = measure(**given)
    images = measure(**{**given, "groups": None})
    assert width(patients, "accuracy") == pytest.approx(width(images, "accuracy"), rel=0.1)


def test_the_interval_of_accuracy_agrees_with_the_binomial_distribution() -> None:
    """90 of 100 and 90 of 100 right: the normal approximation gives 0.9 ± 1.96 sqrt(0.9 * 0.1 / 200)."""
    labels = np.repeat([0, 1], 100)
    predictions = np.where(np.arange(200) % 10 == 0, 1 - labels, labels)
    found = measure(labels=labels, probabilities=np.eye(2)[predictions], classes=("a", "b"), resamples=20_000)
    assert found.intervals["accuracy"] == pytest.approx((0.9 - 0.0416, 0.9 + 0.0416), abs=0.006)


def test_about_95_percent_of_the_intervals_contain_the_truth_when_patients_are_resampled() -> None:
    held = {"patient": 0, "image": 0}
    trials = 80
    for seed in range(trials):
        given = clustered(np.random.default_rng(seed), images=10)
        for groups in (given["groups"], None):
            found = measure(**{**given, "groups": groups}, resamples=200, seed=seed)
            pair = found.intervals["accuracy"]
            assert pair is not None
            held[found.unit] += pair[0] <= 0.8 <= pair[1]
    assert held["patient"] / trials >= 0.87
    assert held["image"] / trials < 0.85


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("grouped", [True, False])
def test_the_order_of_the_samples_does_not_change_the_result(case: Cases, classes: int, grouped: bool) -> None:
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


def test_the_same_seed_gives_the_same_intervals_and_another_seed_different_ones(case: Cases) -> None:
    given = case()
    assert measure(**given, seed=1) == measure(**given, seed=1)
    assert measure(**given, seed=1).intervals != measure(**given, seed=2).intervals
    assert measure(**given, seed=1).values == measure(**given, seed=2).values


def test_a_note_reports_a_class_with_a_single_patient() -> None:
    given = clustered(np.random.default_rng(1), patients=11)
    labels = np.repeat([0] + [1] * 10, 20)
    found = measure(**{**given, "labels": labels})
    assert found.notes == ("only 1 benign patient: the intervals do not show the spread between benign patients",)
    assert found.values["specificity"] is not None
    assert found.intervals["specificity"] is None
    assert found.reasons["specificity"] == "no interval: the same for every choice of patients"
    assert found.intervals["recall"] is not None


def test_a_note_reports_a_single_patient_with_both_classes() -> None:
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


def test_a_note_reports_a_class_with_few_patients() -> None:
    given = clustered(np.random.default_rng(1), patients=18)
    assert measure(**given).notes == (
        "only 9 benign patients: with so few, the intervals tend to be too narrow",
        "only 9 malignant patients: with so few, the intervals tend to be too narrow",
    )


def test_many_patients_give_no_note() -> None:
    assert measure(**clustered(np.random.default_rng(1), patients=20)).notes == ()


def test_no_resample_loses_a_class() -> None:
    """Two benign patients of twenty: drawn without strata, every eighth resample would have none."""
    given = clustered(np.random.default_rng(2), patients=20)
    labels = np.repeat([0, 0] + [1] * 18, 20)
    found = measure(**{**given, "labels": labels})
    for name in ("specificity", "auroc", "gmean", "balanced_accuracy"):
        assert found.intervals[name] is not None
    assert not [note for note in found.notes if "leaves out" in note]


def test_a_note_reports_the_resamples_that_an_interval_leaves_out() -> None:
    """Of few positive predictions some resamples have none, and so no precision."""
    found = _few_positive_predictions(4)
    assert found.intervals["precision"] is not None
    assert [note.split(":")[0] for note in found.notes] == ["precision", "precision_weighted"]
    assert "of resamples without a value" in found.notes[0]


def test_a_measure_undefined_in_many_resamples_has_no_interval() -> None:
    found = _few_positive_predictions(1)
    assert found.values["precision"] == 1
    assert found.intervals["precision"] is None
    assert "of the resamples" in found.reasons["precision"]


def _few_positive_predictions(count: int) -> Result:
    labels = np.repeat([0, 1], 50)
    predictions = np.zeros(100, dtype=int)
    predictions[50 : 50 + count] = 1
    predictions[0] = count > 1
    return measure(labels=labels, probabilities=np.eye(2)[predictions], classes=("a", "b"))
