from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from zoo.errors import DataError
from zoo.metrics import measure

GOOD: dict[str, Any] = {
    "labels": [0, 1, 1],
    "probabilities": [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]],
    "classes": ("benign", "malignant"),
    "groups": ["a", "b", "c"],
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": [], "probabilities": np.zeros((0, 2)), "groups": None}, "no sample"),
        ({"labels": [0, 1, 2]}, "label 2 of sample 2"),
        ({"labels": [0, -1, 1]}, "label -1 of sample 1"),
        ({"labels": [0.0, 1.0, 1.0]}, "whole numbers"),
        ({"labels": ["benign", "benign", "malignant"]}, "whole numbers"),
        ({"labels": [[0], [1], [1]]}, r"shape \(3, 1\)"),
        ({"labels": [[0], [1, 1]]}, "labels are not a regular array"),
        ({"probabilities": [0.1, 0.8, 0.4]}, r"shape \(3,\) do not fit 3 samples of 2 classes"),
        ({"probabilities": [[0.9, 0.1], [0.2, 0.8]]}, r"shape \(2, 2\)"),
        ({"probabilities": [[0.9, 0.1], [0.2], [0.6, 0.4]]}, "probabilities are not a regular array"),
        ({"probabilities": [["x", "y"]] * 3}, "must be numbers"),
        ({"probabilities": [[0.9, 0.1], [np.nan, 0.8], [0.6, 0.4]]}, "sample 1 .* not finite"),
        ({"probabilities": [[0.9, 0.1], [0.2, 0.8], [np.inf, 0.4]]}, "sample 2 .* not finite"),
        ({"probabilities": [[3.1, -1.0], [0.2, 0.8], [0.6, 0.4]]}, "row 0 .* not a set of probabilities"),
        ({"probabilities": [[1.5, -0.5], [0.2, 0.8], [0.6, 0.4]]}, "row 0 .* not a set of probabilities"),
        ({"probabilities": [[0.9, 0.1], [0.2, 0.8], [0.6, 0.6]]}, "row 2 .* not a set of probabilities"),
        ({"classes": ("benign",)}, "at least two classes"),
        ({"classes": "ab"}, "at least two classes"),
        ({"classes": ("benign", "benign")}, "the same name"),
        ({"groups": ["a", "b"]}, "2 groups do not fit 3 samples"),
        ({"groups": "abc"}, "groups do not fit"),
        ({"groups": ["a", "", "c"]}, "sample 1 .* has no group"),
        ({"groups": ["a", "b", None]}, "sample 2 .* has no group"),
    ],
)
def test_invalid_predictions_are_refused_with_the_sample_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        measure(**{**GOOD, **change})


@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
def test_probabilities_of_any_floating_point_precision_are_accepted(kind: str) -> None:
    logits = np.random.default_rng(0).normal(scale=4, size=(200, 7)).astype(kind)
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    assert weights.dtype == kind
    found = measure(
        labels=np.arange(200) % 7,
        probabilities=weights / weights.sum(axis=1, keepdims=True),
        classes=[f"c{index}" for index in range(7)],
    )
    assert found.samples == 200


@pytest.mark.parametrize("kind", ["uint8", "int32", "int64"])
def test_labels_of_any_integer_type_are_accepted(kind: str) -> None:
    assert measure(**{**GOOD, "labels": np.array(GOOD["labels"], dtype=kind)}).confusion == (
        (1, 0),
        (1, 1),
    )


def test_measuring_does_not_change_the_arrays_it_is_given() -> None:
    labels, probabilities = np.array(GOOD["labels"]), np.array(GOOD["probabilities"])
    kept = labels.copy(), probabilities.copy()
    measure(labels=labels, probabilities=probabilities, classes=("a", "b"))
    assert (labels == kept[0]).all()
    assert (probabilities == kept[1]).all()
