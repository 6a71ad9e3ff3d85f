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


def test_importing_the_room_is_cheap() -> None:
    heavy = "{'numpy', 'sklearn', 'imblearn', 'torch'} & set(sys.modules)"
    code = f"import sys; from zoo.metrics import Result; print({heavy})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_misspelt_name_is_not_there() -> None:
    import zoo.metrics

    with pytest.raises(AttributeError, match="mesure"):
        zoo.metrics.mesure  # noqa: B018


def test_the_facts_of_the_set_stand_beside_the_numbers(case: Cases) -> None:
    given = case()
    found = measure(**given, resamples=100, seed=3)
    assert (found.samples, found.groups, found.unit) == (300, 24, "patient")
    assert (found.level, found.resamples, found.seed) == (0.95, 100, 3)
    assert found.classes == ("class 0", "class 1")
    alone = measure(**{**given, "groups": None}, resamples=100)
    assert (alone.groups, alone.unit) == (None, "image")
    assert alone.values == found.values


def test_a_perfect_prediction_is_1_and_claims_no_certainty() -> None:
    labels = np.arange(20) % 2
    found = measure(labels=labels, probabilities=np.eye(2)[labels], classes=("a", "b"), resamples=100)
    zero = found.values["loss"]
    assert zero == pytest.approx(0, abs=1e-12)
    assert {value for name, value in found.values.items() if name != "loss"} == {1.0}
    assert found.intervals["accuracy"] is None
    assert found.reasons["accuracy"] == "no interval: the same whichever images are drawn"


def test_all_wrong_is_0() -> None:
    labels = np.arange(20) % 2
    found = measure(labels=labels, probabilities=np.eye(2)[1 - labels], classes=("a", "b"), resamples=100)
    assert {value for name, value in found.values.items() if name != "loss"} == {0.0}
    assert found.values["loss"] == pytest.approx(-np.log(np.finfo(float).eps))


@pytest.mark.parametrize("groups", [None, ["p"]])
def test_one_sample_has_values_and_no_interval(groups: list[str] | None) -> None:
    found = measure(labels=[1], probabilities=[[0.3, 0.7]], classes=("benign", "malignant"), groups=groups)
    assert found.values["accuracy"] == 1
    assert found.values["loss"] == pytest.approx(-np.log(0.7))
    assert found.values["auroc"] is None
    assert set(found.intervals.values()) == {None}
    assert set(found.intervals) <= set(found.reasons)


@pytest.mark.parametrize("wrong", [{"resamples": -1}, {"resamples": 39}, {"seed": -1}])
def test_a_call_that_makes_no_sense_is_refused(case: Cases, wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        measure(**case(), **wrong)


def test_no_resamples_no_intervals(case: Cases) -> None:
    found = measure(**case(), resamples=0)
    assert set(found.intervals.values()) == {None}
    assert found.reasons["f1"] == "no interval: none was asked for"
    assert found.values["f1"] is not None
