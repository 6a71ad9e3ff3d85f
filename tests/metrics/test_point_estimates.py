from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from imblearn.metrics import (
    classification_report_imbalanced,
    geometric_mean_score,
    make_index_balanced_accuracy,
    specificity_score,
)
from sklearn import metrics as sk

from zoo.metrics import measure

Cases = Callable[..., dict[str, Any]]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("classes", [2, 3, 5])
def test_the_weighted_row_and_every_class_are_those_of_imbalanced_learns_report(
    case: Cases, classes: int, seed: int
) -> None:
    given = case(classes=classes, seed=seed)
    report = classification_report_imbalanced(
        given["labels"],
        given["probabilities"].argmax(axis=1),
        target_names=given["classes"],
        output_dict=True,
    )
    found = measure(**given, resamples=0)
    short = {
        "precision_weighted": "avg_pre",
        "recall_weighted": "avg_rec",
        "specificity_weighted": "avg_spe",
        "f1_weighted": "avg_f1",
        "gmean": "avg_geo",
        "iba": "avg_iba",
    }
    assert {name: found.values[name] for name in short} == pytest.approx(
        {name: report[row] for name, row in short.items()}, abs=1e-12
    )
    for name in given["classes"]:
        assert list(found.per_class[name].values()) == pytest.approx(
            [report[name][column] for column in ("pre", "rec", "spe", "f1", "geo", "iba", "sup")], abs=1e-12
        )


def test_gmean_and_iba_are_the_weighted_means_of_the_classes(case: Cases) -> None:
    given = case(classes=3)
    labels, predictions = given["labels"], given["probabilities"].argmax(axis=1)
    iba = make_index_balanced_accuracy(alpha=0.1, squared=True)(geometric_mean_score)
    support = [(labels == index).mean() for index in range(3)]
    found = measure(**given, resamples=0)
    for name, score in (("gmean", geometric_mean_score), ("iba", iba)):
        each = score(labels, predictions, average=None)
        assert found.values[name] == pytest.approx(sum(each * support), abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_two_classes_give_the_values_of_the_last_one(case: Cases, seed: int) -> None:
    given = case(seed=seed)
    labels, scores = given["labels"], given["probabilities"]
    predictions = scores.argmax(axis=1)
    found = measure(**given, resamples=0)
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
            "iba": found.values["iba"],
            "auroc": sk.roc_auc_score(labels, scores[:, 1]),
        },
        abs=1e-12,
    )


@pytest.mark.parametrize("classes", [3, 4])
def test_more_classes_give_the_mean_over_the_classes(case: Cases, classes: int) -> None:
    given = case(classes=classes)
    labels, scores = given["labels"], given["probabilities"]
    predictions = scores.argmax(axis=1)
    found = measure(**given, resamples=0)
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


def test_the_minority_is_the_class_with_the_fewest_samples() -> None:
    found = measure(
        labels=[0, 0, 0, 1, 1],
        probabilities=[[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.4, 0.6], [0.1, 0.9]],
        classes=("malignant", "benign"),
        resamples=0,
    )
    assert found.values["f1_minority"] == found.per_class["benign"]["f1"] == pytest.approx(0.8)
    assert found.per_class["benign"]["support"] == 2


def test_a_certain_mistake_costs_a_finite_loss() -> None:
    found = measure(labels=[0, 1], probabilities=[[0.0, 1.0], [0.0, 1.0]], classes=("a", "b"), resamples=0)
    assert found.values["loss"] == pytest.approx(sk.log_loss([0, 1], [[0.0, 1.0], [0.0, 1.0]]))


def test_of_equal_probabilities_the_first_class_is_predicted() -> None:
    found = measure(labels=[0, 1], probabilities=[[0.5, 0.5], [0.5, 0.5]], classes=("a", "b"), resamples=0)
    assert found.confusion == ((1, 0), (1, 0))
    assert found.values["auroc"] == 0.5
