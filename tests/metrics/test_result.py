from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from zoo.config.plain import from_plain, plain
from zoo.metrics import Result, measure

Cases = Callable[..., dict[str, Any]]


@pytest.mark.parametrize("classes", [2, 3])
def test_a_result_is_read_back_equal_from_json(case: Cases, classes: int) -> None:
    found = measure(**case(classes=classes))
    assert from_plain(Result, json.loads(json.dumps(plain(found), allow_nan=False))) == found


def test_undefined_values_are_read_back_as_none_from_json() -> None:
    found = measure(labels=[1], probabilities=[[0.2, 0.8]], classes=("a", "b"))
    assert found.values["auroc"] is None
    assert from_plain(Result, json.loads(json.dumps(plain(found), allow_nan=False))) == found


def test_the_fields_of_a_result_cannot_be_assigned(case: Cases) -> None:
    found = measure(**case())
    with pytest.raises(AttributeError):
        found.samples = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"extra": 1}, "extra is unknown"),
        ({"values": None}, "values must be a mapping"),
        ({"values": {"f1": "high"}}, "values.f1 must be a number or none"),
        ({"intervals": {"f1": [1.0]}}, "intervals.f1 must be 2 numbers"),
        ({"confusion": 3}, "confusion must be a list"),
        ({"confusion": [[1, 2]]}, "confusion must have a row and a column for each class"),
        ({"unit": "slide"}, "unit must be one of patient, image"),
    ],
)
def test_a_changed_document_is_not_read_as_a_result(case: Cases, change: dict[str, Any], said: str) -> None:
    document = plain(measure(**case())) | change
    with pytest.raises(ValueError, match=said):
        from_plain(Result, document)


def test_a_key_that_is_missing_in_a_document_is_named(case: Cases) -> None:
    document = plain(measure(**case()))
    del document["confusion"]
    with pytest.raises(ValueError, match="confusion is missing"):
        from_plain(Result, document)


def test_a_confusion_matrix_that_does_not_fit_the_classes_is_refused(case: Cases) -> None:
    with pytest.raises(ValueError, match="a row and a column for each class"):
        replace(measure(**case()), confusion=((1, 2, 3), (4, 5, 6)))
