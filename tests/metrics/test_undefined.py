from __future__ import annotations

import math

import numpy as np
import pytest

from zoo.metrics import Result, measure


def measured(labels: list[int], predictions: list[int], classes: tuple[str, ...]) -> Result:
    probabilities = 0.7 * np.eye(len(classes))[predictions] + 0.3 / len(classes)
    return measure(labels=labels, probabilities=probabilities, classes=classes)


def test_precision_is_undefined_without_positive_predictions() -> None:
    found = measured([0, 0, 1], [0, 0, 0], ("benign", "malignant"))
    assert found.values["precision"] is None
    assert found.reasons["precision"] == "nothing was predicted as malignant"
    assert found.reasons["precision[malignant]"] == "nothing was predicted as malignant"
    assert found.values["precision_weighted"] is None
    assert found.values["recall"] == 0
    assert found.values["f1"] == 0
    assert found.values["gmean"] == 0


def test_without_positive_samples_their_measures_are_undefined() -> None:
    found = measured([0, 0, 0], [0, 1, 0], ("benign", "malignant"))
    for name in ("recall", "f1", "f1_macro", "f1_minority", "balanced_accuracy", "auroc"):
        assert found.values[name] is None
        assert found.reasons[name] == "no sample is malignant"
    assert found.reasons["gmean"] == found.reasons["iba"] == "every sample is benign"
    assert found.values["accuracy"] == found.values["specificity"] == pytest.approx(2 / 3)
    assert found.values["precision"] == 0
    assert found.values["f1_weighted"] == pytest.approx(0.8)


def test_with_one_of_three_classes_absent_the_weighted_means_are_defined() -> None:
    found = measured([0, 0, 1, 1], [0, 1, 1, 2], ("a", "b", "c"))
    for name in ("balanced_accuracy", "recall", "f1", "f1_macro", "auroc"):
        assert found.values[name] is None
        assert found.reasons[name] == "no sample is c"
    assert found.values["recall_weighted"] == found.values["accuracy"] == 0.5
    for name in ("f1_weighted", "precision_weighted", "specificity_weighted", "gmean", "iba"):
        assert found.values[name] is not None
    assert found.per_class["c"]["precision"] == 0
    assert found.per_class["c"]["support"] == 0


@pytest.mark.parametrize("classes", [2, 3, 4])
def test_every_undefined_value_is_none_with_a_reason(classes: int) -> None:
    names = tuple("abcd"[:classes])
    for seed in range(40):
        generator = np.random.default_rng(seed)
        size = 1 + seed // 4
        found = measured(
            generator.integers(classes, size=size).tolist(),
            generator.integers(classes, size=size).tolist(),
            names,
        )
        every = dict(found.values) | {
            f"{measure_}[{name}]": value for name in names for measure_, value in found.per_class[name].items()
        }
        undefined = {name for name, value in every.items() if value is None}
        undefined |= {name for name, pair in found.intervals.items() if pair is None}
        assert undefined == set(found.reasons)
        assert all(math.isfinite(value) for value in every.values() if value is not None)
        assert found.intervals.keys() == found.values.keys()
