from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.special import log_softmax, logsumexp
from sklearn.metrics import average_precision_score, roc_auc_score

from zoo.classifier.prediction import class_probabilities
from zoo.errors import DataError, UsageError
from zoo.metrics import measure
from zoo.metrics.logits import cross_entropies, log_odds

NAMES = ("benign", "malignant")


@pytest.mark.parametrize("size", [16.6, 20.0, 36.0, 88.0, 700.0, 5000.0])
@pytest.mark.parametrize("head", ["sigmoid", "softmax"])
def test_a_loss_is_right_however_large_the_logits_are(size: float, head: str) -> None:
    margins = np.array([[size], [-size]], dtype=np.float32)
    logits = margins if head == "sigmoid" else np.concatenate([-margins / 2, margins / 2], axis=1)
    found = measure(labels=[0, 1], logits=logits, classes=NAMES)
    assert found.values["loss"] == pytest.approx(float(np.float32(size)), rel=1e-6)
    right = measure(labels=[1, 0], logits=logits, classes=NAMES)
    assert right.values["loss"] == pytest.approx(np.log1p(np.exp(-float(margins[0, 0]))), rel=1e-12)


@pytest.mark.parametrize("head", ["sigmoid", "softmax"])
def test_large_logits_do_not_tie_in_the_area_under_the_roc_curve(head: str) -> None:
    generator = np.random.default_rng(0)
    labels = np.repeat([0, 1], 500)
    margins = (9 * generator.normal(size=1000) + 40 + 12 * labels).astype(np.float32)[:, None]
    logits = margins if head == "sigmoid" else np.concatenate([np.zeros_like(margins), margins], axis=1)
    found = measure(labels=labels, logits=logits, classes=NAMES)
    assert found.values["auroc"] == pytest.approx(roc_auc_score(labels, margins[:, 0]), abs=1e-12)
    rounded = class_probabilities(torch.tensor(logits), head, temperature=1).float().numpy()  # type: ignore[arg-type]
    ties = measure(labels=labels, probabilities=rounded, classes=NAMES).values["auroc"]
    assert ties is not None
    assert found.values["auroc"] is not None
    assert ties < found.values["auroc"] - 0.1


@pytest.mark.parametrize("head", ["sigmoid", "softmax"])
def test_large_logits_do_not_tie_in_average_precision_nor_vanish_in_the_brier_score(head: str) -> None:
    generator = np.random.default_rng(0)
    labels = np.repeat([0, 1], 200)
    margins = (9 * generator.normal(size=400) + 60 + 12 * labels)[:, None]
    logits = margins if head == "sigmoid" else np.concatenate([np.zeros_like(margins), margins], axis=1)
    found = measure(labels=labels, logits=logits, classes=NAMES)
    assert found.values["average_precision"] == pytest.approx(average_precision_score(labels, margins[:, 0]), abs=1e-12)
    right = measure(labels=[1, 1], logits=[[40.0], [50.0]], classes=NAMES).values["brier"]
    assert right == pytest.approx((np.exp(-80.0) + np.exp(-100.0)) / 2, rel=1e-12)
    wrong = measure(labels=[0, 0], logits=[[40.0], [5000.0]], classes=NAMES).values
    assert (wrong["brier"], wrong["calibration_error"]) == (1, 1)


def test_of_several_classes_none_ties_either() -> None:
    logits = np.array([[60.0 + step, 0.0, 1.0] for step in range(4)])
    odds = log_odds(logits)[:, 0]
    assert (np.diff(odds) > 0.9).all()


@pytest.mark.parametrize("classes", [2, 3, 7])
@pytest.mark.parametrize("scale", [1.0, 8.0])
def test_losses_and_odds_agree_with_scipy(classes: int, scale: float) -> None:
    generator = np.random.default_rng(classes)
    logits = scale * generator.normal(size=(200, classes))
    labels = generator.integers(classes, size=200)
    others = np.stack([logsumexp(np.delete(logits, index, axis=1), axis=1) for index in range(classes)], axis=1)
    assert log_odds(logits) == pytest.approx(logits - others, rel=1e-10, abs=1e-12)
    logs = log_softmax(logits, axis=1)
    assert cross_entropies(log_odds(logits), labels) == pytest.approx(
        -logs[np.arange(200), labels], rel=1e-8, abs=1e-12
    )


@pytest.mark.parametrize("head", ["sigmoid", "softmax"])
def test_probabilities_of_both_heads_are_exact_in_float64(head: str) -> None:
    margins = torch.tensor([[-30.0], [-16.7], [0.0], [16.7], [30.0]])
    logits = margins if head == "sigmoid" else torch.cat([torch.zeros_like(margins), margins], dim=1)
    found = class_probabilities(logits, head, temperature=1)  # type: ignore[arg-type]
    assert found.dtype == torch.float64
    exact = 1 / (1 + np.exp(-margins.double().numpy()[:, 0]))
    assert found[:, 1].numpy() == pytest.approx(exact, rel=1e-14)
    assert found[:, 0].numpy() == pytest.approx(exact[::-1], rel=1e-14)


def test_logits_and_their_probabilities_measure_the_same() -> None:
    generator = np.random.default_rng(3)
    logits = generator.normal(size=(120, 3))
    labels = generator.integers(3, size=120)
    weights = np.exp(logits)
    names = ("a", "b", "c")
    by_logits = measure(labels=labels, logits=logits, classes=names)
    probabilities = weights / weights.sum(axis=1, keepdims=True)
    by_probabilities = measure(labels=labels, probabilities=probabilities, classes=names)
    assert by_logits.confusion == by_probabilities.confusion
    for name, value in by_probabilities.values.items():
        assert by_logits.values[name] == (None if value is None else pytest.approx(value, rel=1e-12)), name


@pytest.mark.parametrize(
    ("logits", "message"),
    [
        (np.zeros((3, 3)), r"logits of shape \(3, 3\) do not fit 3 samples of 2 classes"),
        (np.zeros(3), "shape"),
        ([[0.0], [np.nan], [1.0]], "the logits of sample 1 .* are not finite"),
    ],
)
def test_invalid_logits_are_refused_with_the_sample_named(logits: object, message: str) -> None:
    with pytest.raises(DataError, match=message):
        measure(labels=[0, 1, 1], logits=logits, classes=NAMES)  # type: ignore[arg-type]


def test_measuring_needs_logits_or_probabilities_and_not_both() -> None:
    for given in ({}, {"logits": [[0.0], [1.0]], "probabilities": [[0.5, 0.5], [0.5, 0.5]]}):
        with pytest.raises(UsageError, match="either logits or probabilities"):
            measure(labels=[0, 1], classes=NAMES, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("row", [[2.0, 2.0, 0.0], [0.1, -3.0, 0.1], [0.0, 1.0, 1.0, 1.0]])
def test_of_classes_that_are_as_probable_the_first_is_named_as_in_a_prediction(row: list[float]) -> None:
    logits = np.array([row], dtype=np.float32)
    odds = log_odds(logits)[0]
    probabilities = class_probabilities(torch.from_numpy(logits), "softmax", temperature=1)[0]
    assert odds.argmax() == probabilities.argmax() == np.argmax(row)
    assert len(set(odds[logits[0] == max(row)].tolist())) == 1
