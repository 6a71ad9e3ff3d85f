from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from zoo.errors import DataError
from zoo.metrics import Result, measure

Cases = Callable[..., dict[str, Any]]


@pytest.mark.parametrize("classes", [2, 3])
def test_a_result_written_to_json_is_read_back_equal(case: Cases, classes: int) -> None:
    found = measure(**case(classes=classes), resamples=100)
    text = json.dumps(found.as_dict(), allow_nan=False)
    assert Result.from_dict(json.loads(text)) == found


def test_undefined_values_are_read_back_from_json_as_none() -> None:
    found = measure(labels=[1], probabilities=[[0.2, 0.8]], classes=("a", "b"))
    assert found.values["auroc"] is None
    assert Result.from_dict(json.loads(json.dumps(found.as_dict(), allow_nan=False))) == found


def test_a_result_is_immutable(case: Cases) -> None:
    found = measure(**case(), resamples=0)
    with pytest.raises(AttributeError):
        found.samples = 3  # type: ignore[misc]


@pytest.mark.parametrize("change", [{"extra": 1}, {"values": None}, {"intervals": {"f1": [1.0]}}, {"confusion": 3}])
def test_a_document_with_a_wrong_part_is_refused(case: Cases, change: dict[str, Any]) -> None:
    data = measure(**case(), resamples=0).as_dict() | change
    with pytest.raises(DataError, match="not measures"):
        Result.from_dict(data)


def test_a_missing_part_of_the_document_is_named(case: Cases) -> None:
    data = measure(**case(), resamples=0).as_dict()
    del data["confusion"]
    with pytest.raises(DataError, match="confusion"):
        Result.from_dict(data)


def test_a_list_is_refused_as_a_result() -> None:
    with pytest.raises(DataError, match="not measures"):
        Result.from_dict([])  # type: ignore[arg-type]
