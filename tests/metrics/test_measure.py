from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from zoo.errors import UsageError
from zoo.metrics import measure

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
    found = measure(**given, resamples=100, seed=3)
    assert (found.samples, found.groups, found.unit) == (300, 24, "patient")
    assert (found.level, found.resamples, found.seed) == (0.95, 100, 3)
    assert found.classes == ("class 0", "class 1")
    alone = measure(**{**given, "groups": None}, resamples=100)
    assert (alone.groups, alone.unit) == (None, "image")
    assert alone.values == pytest.approx(found.values, rel=1e-14)  # the losses are added up by patient


def test_perfect_predictions_measure_1_and_have_no_interval() -> None:
    labels = np.arange(20) % 2
    found = measure(labels=labels, probabilities=np.eye(2)[labels], classes=("a", "b"), resamples=100)
    zero = found.values["loss"]
    assert zero == pytest.approx(0, abs=1e-12)
    assert {value for name, value in found.values.items() if name != "loss"} == {1.0}
    assert found.intervals["accuracy"] is None
    assert found.reasons["accuracy"] == "no interval: the same for every choice of images"


def test_predictions_that_are_all_wrong_measure_0() -> None:
    labels = np.arange(20) % 2
    found = measure(labels=labels, probabilities=np.eye(2)[1 - labels], classes=("a", "b"), resamples=100)
    assert {value for name, value in found.values.items() if name != "loss"} == {0.0}
    assert found.values["loss"] == pytest.approx(-np.log(np.finfo(float).eps))


@pytest.mark.parametrize("groups", [None, ["p"]])
def test_a_single_sample_has_values_without_intervals(groups: list[str] | None) -> None:
    found = measure(labels=[1], probabilities=[[0.3, 0.7]], classes=("benign", "malignant"), groups=groups)
    assert found.values["accuracy"] == 1
    assert found.values["loss"] == pytest.approx(-np.log(0.7))
    assert found.values["auroc"] is None
    assert set(found.intervals.values()) == {None}
    assert set(found.intervals) <= set(found.reasons)


@pytest.mark.parametrize("wrong", [{"resamples": -1}, {"resamples": 39}, {"seed": -1}])
def test_too_few_resamples_and_negative_seeds_are_refused(case: Cases, wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        measure(**case(), **wrong)


def test_zero_resamples_give_values_without_intervals(case: Cases) -> None:
    found = measure(**case(), resamples=0)
    assert set(found.intervals.values()) == {None}
    assert found.reasons["f1"] == "no interval: not requested"
    assert found.values["f1"] is not None


def test_one_class_for_every_image_is_the_first_note() -> None:
    given: dict[str, Any] = {"labels": [0, 1, 1, 0], "classes": ["a", "b"]}
    constant = measure(**given, probabilities=[[0.4, 0.6]] * 4)
    assert constant.notes[0] == "all 4 images were classified as b: this model does not tell the classes apart"
    assert constant.one_class == constant.notes[0]
    varied = measure(**given, probabilities=[[0.4, 0.6]] * 3 + [[0.6, 0.4]])
    assert varied.one_class is None
    assert not [note for note in varied.notes if "classified as" in note]
