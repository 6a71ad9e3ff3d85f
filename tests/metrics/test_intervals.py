from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from zoo.metrics import Result, measure
from zoo.metrics.certain import limit
from zoo.metrics.intervals import UNKNOWN_PATIENTS, intervals
from zoo.metrics.measure_functions import OfSamples
from zoo.metrics.predictions import check_predictions
from zoo.metrics.registered_measures import RegisteredMeasure, registered_measures
from zoo.metrics.scale import LOGIT
from zoo.metrics.unit_measures import UnitMeasures
from zoo.spec import Measure

Cases = Callable[..., dict[str, Any]]
SCALES = {measure.name: measure.scale for measure in registered_measures()}


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
        if name == "patient_recognition_rate" and not grouped:
            assert value is None
            continue
        pair = found.intervals[name]
        if name == "calibration_error":
            assert (pair, found.reasons[name]) == (None, "no interval: ECE is biased upward in small samples")
            continue
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
    """The exact interval of 180 of 200 (Clopper and Pearson) is from 0.850 to 0.938."""
    labels = np.repeat([0, 1], 100)
    predictions = np.where(np.arange(200) % 10 == 0, 1 - labels, labels)
    found = measure(labels=labels, probabilities=np.eye(2)[predictions], classes=("a", "b"))
    assert found.intervals["accuracy"] == pytest.approx((0.850, 0.938), abs=0.004)


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


@pytest.mark.parametrize("count", [1, 2])
def test_a_class_of_one_or_two_patients_has_no_interval_and_the_reason_says_so(count: int) -> None:
    given = clustered(np.random.default_rng(1), patients=11)
    labels = np.repeat([0] * count + [1] * (11 - count), 20)
    found = measure(**{**given, "labels": labels})
    why = f"no interval: only {count} patient{'s' if count > 1 else ''} of class benign, and it takes 3"
    for name in ("specificity", "balanced_accuracy", "auroc", "f1", "precision", "gmean"):
        assert found.values[name] is not None
        assert found.intervals[name] is None
        assert found.reasons[name] == why
    for name in ("accuracy", "recall", "loss"):
        assert found.intervals[name] is not None


def test_a_patient_of_one_class_among_patients_of_both_is_no_class_of_one_patient() -> None:
    """33 of 34 patients have both classes, as in IDC: every class has at least 33 patients."""
    generator = np.random.default_rng(3)
    patients = np.repeat(np.arange(34), 12)
    labels = np.where(patients == 0, 0, np.arange(len(patients)) % 2)
    found = measure(
        labels=labels,
        logits=(generator.normal(size=len(labels)) + 2 * labels - 1)[:, None],
        classes=("benign", "malignant"),
        groups=[f"patient {patient}" for patient in patients],
    )
    assert found.notes == ()
    assert [name for name, pair in found.intervals.items() if pair is None] == ["calibration_error"]


def test_two_patients_have_values_without_intervals() -> None:
    found = measure(
        labels=[0, 1, 0, 1], logits=[[-1.0], [1.0], [1.0], [1.0]], classes=("a", "b"), groups=["x", "x", "y", "y"]
    )
    assert set(found.intervals.values()) == {None}
    assert found.reasons["accuracy"] == "no interval: only 2 patients, and it takes 3"


def test_a_note_says_that_the_patients_are_not_known(case: Cases) -> None:
    given = {**case(), "groups": None}
    assert measure(**given).notes == (UNKNOWN_PATIENTS,)
    assert measure(**case()).notes == ()


def test_patients_who_are_all_alike_show_no_spread() -> None:
    labels = np.repeat([0, 1], 50)
    logits = np.where(np.arange(100) % 5 == 0, -1, 1) * np.where(labels == 1, 1.0, -1.0)
    found = measure(
        labels=labels, logits=logits[:, None], classes=("a", "b"), groups=[str(index // 5) for index in range(100)]
    )
    assert found.values["accuracy"] == 0.8
    assert found.reasons["accuracy"] == "no interval: the same for every patient"


def test_a_measure_that_is_undefined_without_one_patient_has_no_interval() -> None:
    """All images that are predicted as positive are of one patient."""
    labels = np.repeat([0, 1], 50)
    logits = np.full((100, 1), -1.0)
    logits[50:54] = 1
    found = measure(labels=labels, logits=logits, classes=("a", "b"), groups=[str(index // 5) for index in range(100)])
    assert found.values["precision"] == 1
    assert found.reasons["precision"] == "no interval: undefined without one of the patients"


def test_a_class_that_is_all_right_still_widens_the_interval_of_all_classes() -> None:
    """5 benign patients without an error: the balanced accuracy is not known better than their share allows."""
    generator = np.random.default_rng(5)
    patients = np.repeat(np.arange(30), 20)
    labels = (patients >= 5).astype(int)
    right = generator.random(600) < np.where(labels == 1, 0.9, 1.0)
    logits = np.where(right == (labels == 1), 1.0, -1.0)[:, None]
    found = measure(labels=labels, logits=logits, classes=("a", "b"), groups=[str(patient) for patient in patients])
    balanced, recall = found.intervals["balanced_accuracy"], found.intervals["recall"]
    assert found.values["specificity"] == 1
    assert balanced is not None
    assert recall is not None
    value = found.values["balanced_accuracy"]
    assert value is not None
    assert value - balanced[0] > (found.values["recall"] - recall[0]) / 2 + 0.002  # type: ignore[operator]
    assert found.intervals["specificity"] == pytest.approx((0.025 ** (1 / 5), 1))


def test_every_interval_lies_within_the_possible_values() -> None:
    generator = np.random.default_rng(6)
    for patients in (3, 4, 6, 12):
        for accuracy in (0.02, 0.5, 0.98):
            labels = np.repeat(np.arange(2 * patients) % 2, 6)
            right = generator.random(len(labels)) < accuracy
            logits = np.where(right == (labels == 1), 1.0, -1.0) * generator.exponential(size=len(labels))
            groups = np.repeat([str(index) for index in range(2 * patients)], 6).tolist()
            found = measure(labels=labels, logits=logits[:, None], classes=("a", "b"), groups=groups)
            for name, pair in found.intervals.items():
                if pair is not None:
                    value = found.values[name]
                    assert value is not None
                    assert SCALES[name].low <= pair[0] <= value <= pair[1] <= SCALES[name].top, name


def test_a_measure_of_a_plugin_that_is_1_where_a_class_is_missing_has_the_limit_of_the_patients_that_there_are() -> (
    None
):
    declared = Measure(name="found", title="found", measure="x:found", summary="", all_or_none=True)
    one = RegisteredMeasure(declared=declared, function=OfSamples(function=lambda _samples, _weights: 1.0), scale=LOGIT)
    samples = check_predictions(
        labels=[1] * 5, probabilities=[[0.2, 0.8]] * 5, classes=("a", "b"), groups=[f"patient {n}" for n in range(5)]
    )
    found = intervals(samples, UnitMeasures(samples, declared=[one]), {"found": 1.0})
    assert found.pairs["found"] == (pytest.approx(limit(5, 0.95)), 1.0)
