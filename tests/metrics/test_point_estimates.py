from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import fmean
from typing import Any

import numpy as np
import pytest
from imblearn.metrics import (
    geometric_mean_score,
    make_index_balanced_accuracy,
    specificity_score,
)
from sklearn import metrics as sk

from tests.metrics.reference import calibration_error, reference_measures
from zoo.metrics import measure

Cases = Callable[..., dict[str, Any]]


@pytest.mark.parametrize("classes", [2, 3, 4, 5, 6])
@pytest.mark.parametrize("kind", ["ordinary", "absent classes", "one-sided predictions", "certain predictions"])
def test_every_value_agrees_with_scikit_learn_and_imbalanced_learn(classes: int, kind: str) -> None:
    """On random cases, many of them so small that measures are undefined: those are None here and 0 there."""
    names = [f"class {index}" for index in range(classes)]
    for seed in range(12):
        labels, probabilities = random_predictions(classes, kind, seed)
        found = measure(labels=labels, probabilities=probabilities, classes=names)
        expected, by_class = reference_measures(labels, probabilities, names)
        assert expected.keys() | {"auroc", "average_precision", "patient_recognition_rate"} == found.values.keys()
        assert defined(found.values) == pytest.approx(
            {name: value for name, value in expected.items() if found.values[name] is not None}, abs=1e-12, rel=1e-12
        )
        for name in names:
            assert found.per_class[name].keys() == by_class[name].keys()
            assert defined(found.per_class[name]) == pytest.approx(
                {key: value for key, value in by_class[name].items() if found.per_class[name][key] is not None},
                abs=1e-12,
            )


def random_predictions(classes: int, kind: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    samples = int(generator.integers(1, 60))
    labels = generator.integers(classes, size=samples)
    if kind == "absent classes":
        labels = labels.clip(max=int(generator.integers(classes - 1)))
    logits = (
        generator.normal(scale=generator.choice([0.5, 2, 10]), size=(samples, classes)) + 1.2 * np.eye(classes)[labels]
    )
    if kind == "one-sided predictions":
        logits[:, generator.integers(classes)] += 40
    if kind == "certain predictions":
        return labels, np.eye(classes)[logits.argmax(axis=1)]
    weights = np.exp(np.round(logits, 1) - logits.max(axis=1, keepdims=True))
    return labels, weights / weights.sum(axis=1, keepdims=True)


def defined(values: Mapping[str, float | None]) -> dict[str, float]:
    return {name: value for name, value in values.items() if value is not None}


def test_gmean_and_iba_are_the_weighted_means_of_the_classes(case: Cases) -> None:
    given = case(classes=3)
    labels, predictions = given["labels"], given["probabilities"].argmax(axis=1)
    iba = make_index_balanced_accuracy(alpha=0.1, squared=True)(geometric_mean_score)
    support = [(labels == index).mean() for index in range(3)]
    found = measure(**given)
    for name, score in (("gmean", geometric_mean_score), ("iba", iba)):
        each = score(labels, predictions, average=None)
        assert found.values[name] == pytest.approx(sum(each * support), abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_with_two_classes_the_values_are_those_of_the_last_class(case: Cases, seed: int) -> None:
    given = case(seed=seed)
    labels, scores = given["labels"], given["probabilities"]
    predictions = scores.argmax(axis=1)
    found = measure(**given)
    iba = make_index_balanced_accuracy(alpha=0.1, squared=True)(geometric_mean_score)
    assert found.positive == "class 1"
    assert found.confusion == tuple(map(tuple, sk.confusion_matrix(labels, predictions).tolist()))
    assert found.values == pytest.approx(
        {
            "accuracy": sk.accuracy_score(labels, predictions),
            "loss": sk.log_loss(labels, scores),
            "balanced_accuracy": sk.balanced_accuracy_score(labels, predictions),
            "precision": sk.precision_score(labels, predictions),
            "recall": sk.recall_score(labels, predictions),
            "specificity": sk.recall_score(labels, predictions, pos_label=0),
            "f1": sk.f1_score(labels, predictions),
            "f1_macro": sk.f1_score(labels, predictions, average="macro"),
            "f1_weighted": sk.f1_score(labels, predictions, average="weighted"),
            "f1_minority": sk.f1_score(labels, predictions, pos_label=0),
            "precision_weighted": sk.precision_score(labels, predictions, average="weighted"),
            "recall_weighted": sk.recall_score(labels, predictions, average="weighted"),
            "specificity_weighted": specificity_score(labels, predictions, average="weighted"),
            "gmean": geometric_mean_score(labels, predictions),
            "iba": float(np.bincount(labels) / len(labels) @ iba(labels, predictions, average=None)),
            "auroc": sk.roc_auc_score(labels, scores[:, 1]),
            "average_precision": sk.average_precision_score(labels, scores[:, 1]),
            "mcc": sk.matthews_corrcoef(labels, predictions),
            "cohen_kappa": sk.cohen_kappa_score(labels, predictions),
            "brier": sk.brier_score_loss(labels, scores[:, 1]),
            "calibration_error": calibration_error(labels, scores),
            "patient_recognition_rate": recognition_rate(labels == predictions, given["groups"]),
            "precision_macro": sk.precision_score(labels, predictions, average="macro"),
            "recall_macro": sk.recall_score(labels, predictions, average="macro"),
            "specificity_macro": specificity_score(labels, predictions, average="macro"),
            "gmean_macro": fmean(geometric_mean_score(labels, predictions, average=None)),
            "iba_macro": fmean(iba(labels, predictions, average=None)),
        },
        abs=1e-12,
    )


@pytest.mark.parametrize("classes", [3, 4])
def test_with_more_classes_the_values_are_means_over_the_classes(case: Cases, classes: int) -> None:
    given = case(classes=classes)
    labels, scores = given["labels"], given["probabilities"]
    predictions = scores.argmax(axis=1)
    found = measure(**given)
    expected = {
        "loss": sk.log_loss(labels, scores),
        "balanced_accuracy": sk.balanced_accuracy_score(labels, predictions),
        "precision": sk.precision_score(labels, predictions, average="macro"),
        "recall": sk.recall_score(labels, predictions, average="macro"),
        "specificity": specificity_score(labels, predictions, average="macro"),
        "f1": sk.f1_score(labels, predictions, average="macro"),
        "f1_minority": sk.f1_score(labels, predictions, average=None)[0],
        "auroc": sk.roc_auc_score(labels, scores, multi_class="ovr", average="macro"),
    }
    assert found.positive is None
    assert {name: found.values[name] for name in expected} == pytest.approx(expected, abs=1e-12)


def test_f1_minority_is_that_of_the_class_with_the_fewest_samples() -> None:
    found = measure(
        labels=[0, 0, 0, 1, 1],
        probabilities=[[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6], [0.1, 0.9]],
        classes=("malignant", "benign"),
    )
    assert found.values["f1_minority"] == found.per_class["benign"]["f1"] == pytest.approx(0.8)
    assert found.per_class["benign"]["support"] == 2


def test_the_loss_of_a_wrong_prediction_with_probability_1_is_finite() -> None:
    found = measure(labels=[0, 1], probabilities=[[0.0, 1.0], [0.0, 1.0]], classes=("a", "b"))
    assert found.values["loss"] == pytest.approx(sk.log_loss([0, 1], [[0.0, 1.0], [0.0, 1.0]]))


def test_the_first_of_equally_probable_classes_is_predicted() -> None:
    found = measure(labels=[0, 1], probabilities=[[0.5, 0.5], [0.5, 0.5]], classes=("a", "b"))
    assert found.confusion == ((1, 0), (1, 0))
    assert found.values["auroc"] == 0.5


def recognition_rate(right: np.ndarray, patients: list[str]) -> float:
    """Return the patient recognition rate by the words of Spanhol et al. (2016): the mean of N_rec / N_P."""
    return fmean(
        fmean(bool(one) for one, name in zip(right, patients, strict=True) if name == patient)
        for patient in sorted(set(patients))
    )
