from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from zoo.errors import UnknownNameError, UsageError
from zoo.metrics import measure
from zoo.metrics.measures import MEASURES

Cases = Callable[..., dict[str, Any]]


HEAVY = "{'sklearn', 'imblearn', 'scipy', 'torch'} & set(sys.modules)"


@pytest.mark.parametrize(
    "call",
    [
        "pass",
        "zoo.metrics.measure(labels=[0, 1, 1], probabilities=[[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]], classes=['a', 'b'])",
    ],
    ids=["importing", "measuring"],
)
def test_metrics_need_no_heavy_library(call: str) -> None:
    code = f"import sys, zoo.metrics; {call}; print({HEAVY})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_the_result_says_how_many_samples_and_patients_were_measured(case: Cases) -> None:
    given = case()
    found = measure(**given)
    assert (found.samples, found.groups, found.unit) == (300, 24, "patient")
    assert found.level == 0.95
    assert found.classes == ("class 0", "class 1")
    alone = measure(**{**given, "groups": None})
    assert (alone.groups, alone.unit) == (None, "image")
    known = {name: value for name, value in found.values.items() if alone.values[name] is not None}
    assert found.values.keys() - known.keys() == {"patient_recognition_rate"}
    assert known == pytest.approx({name: alone.values[name] for name in known}, rel=1e-13)  # sums over the patients


def test_perfect_predictions_measure_1_with_an_interval_from_the_number_of_patients() -> None:
    """That 20 of 20 patients are right in every image is likely enough if 83 % are: 0.83 ** 20 = 0.025."""
    labels = np.arange(20) % 2
    found = measure(
        labels=labels, probabilities=np.eye(2)[labels], classes=("a", "b"), groups=[str(index) for index in range(20)]
    )
    for measure_ in MEASURES:
        assert found.values[measure_.name] == pytest.approx(1 if measure_.higher_is_better else 0, abs=1e-12)
    for name in ("accuracy", "balanced_accuracy", "recall", "specificity", "auroc", "average_precision", "f1", "mcc"):
        pair = found.intervals[name]
        assert pair is not None, name
        assert pair[1] == 1
    assert found.intervals["accuracy"] == pytest.approx((0.025 ** (1 / 20), 1))
    assert found.intervals["recall"] == pytest.approx((0.025 ** (1 / 10), 1))
    assert found.intervals["balanced_accuracy"] == pytest.approx((0.025 ** (1 / 20), 1))
    assert found.intervals["auroc"] == pytest.approx((0.025 ** (1 / 10), 1))
    assert found.intervals["patient_recognition_rate"] == pytest.approx((0.025 ** (1 / 20), 1))


def test_predictions_that_are_all_wrong_measure_0() -> None:
    labels = np.arange(20) % 2
    found = measure(labels=labels, probabilities=np.eye(2)[1 - labels], classes=("a", "b"))
    assert found.values["loss"] == pytest.approx(-np.log(np.finfo(float).eps))
    assert found.values["brier"] == found.values["calibration_error"] == 1
    assert found.values["mcc"] == found.values["cohen_kappa"] == -1
    assert found.values["average_precision"] == 0.5  # every image of the class has the same, lowest score
    for name in ("accuracy", "balanced_accuracy", "auroc", "precision", "recall_macro", "f1_weighted", "gmean", "iba"):
        assert found.values[name] == 0, name


@pytest.mark.parametrize("groups", [None, ["p"]])
def test_a_single_sample_has_values_without_intervals(groups: list[str] | None) -> None:
    found = measure(labels=[1], probabilities=[[0.3, 0.7]], classes=("benign", "malignant"), groups=groups)
    assert found.values["accuracy"] == 1
    assert found.values["loss"] == pytest.approx(-np.log(0.7))
    assert found.values["auroc"] is None
    assert set(found.intervals.values()) == {None}
    assert set(found.intervals) <= set(found.reasons)


def test_the_minority_class_can_be_given_and_is_named() -> None:
    given = {"labels": [0, 0, 0, 1, 1, 2], "logits": np.eye(3)[[0, 0, 1, 1, 1, 2]], "classes": ("a", "b", "c")}
    found = measure(**given)  # type: ignore[arg-type]
    assert (found.minority, found.values["f1_minority"]) == ("c", found.per_class["c"]["f1"])
    found = measure(**given, minority="b")  # type: ignore[arg-type]
    assert (found.minority, found.values["f1_minority"]) == ("b", found.per_class["b"]["f1"])
    with pytest.raises(UnknownNameError, match="unknown class 'd'"):
        measure(**given, minority="d")  # type: ignore[arg-type]


def test_a_minority_class_without_samples_has_no_f1() -> None:
    found = measure(labels=[0, 0, 1], logits=np.eye(3)[[0, 0, 1]], classes=("a", "b", "c"), minority="c")
    assert found.values["f1_minority"] is None
    assert found.reasons["f1_minority"] == "no sample is c"


def test_ten_thousand_images_of_a_hundred_patients_are_measured_within_a_second() -> None:
    """0.04 seconds on an idle machine."""
    generator = np.random.default_rng(0)
    labels = generator.integers(2, size=10_000)
    logits = generator.normal(size=(10_000, 1)) + labels[:, None]
    groups = [f"{index % 100}" for index in range(10_000)]
    start = time.process_time()
    measure(labels=labels, logits=logits, classes=("a", "b"), groups=groups)
    assert time.process_time() - start < 1


def test_the_same_predictions_have_the_same_intervals(case: Cases) -> None:
    assert measure(**case()) == measure(**case())


def test_one_class_for_every_image_is_the_first_note() -> None:
    given: dict[str, Any] = {"labels": [0, 1, 1, 0], "classes": ["a", "b"]}
    constant = measure(**given, probabilities=[[0.4, 0.6]] * 4)
    assert constant.notes[0] == "all 4 images were classified as b: this model does not tell the classes apart"
    assert constant.one_class == constant.notes[0]
    varied = measure(**given, probabilities=[[0.4, 0.6]] * 3 + [[0.6, 0.4]])
    assert varied.one_class is None
    assert not [note for note in varied.notes if "classified as" in note]


def test_right_answers_for_images_of_one_class_alone_are_not_said_to_tell_nothing_apart() -> None:
    found = measure(labels=[1] * 4, probabilities=[[0.2, 0.8]] * 4, classes=["a", "b"])
    assert found.values["accuracy"] == 1
    assert found.one_class is None
    assert not [note for note in found.notes if "classified as" in note]


def test_a_temperature_for_probabilities_is_refused_and_not_ignored() -> None:
    with pytest.raises(UsageError, match="a temperature divides logits"):
        measure(labels=[0, 1], probabilities=[[0.4, 0.6]] * 2, classes=["a", "b"], temperature=2.0)
