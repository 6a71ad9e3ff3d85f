from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression as Reference
from sklearn.preprocessing import StandardScaler

from zoo.baseline import fit_logistic_regression


def samples(classes: int, count: int = 200) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    labels = generator.integers(0, classes, count)
    return generator.normal(size=(count, 6)) + labels[:, None] * np.array([1, 0.5, 0, 0, 0, 0]), labels


@pytest.mark.parametrize("classes", [2, 3])
def test_the_fit_is_that_of_scikit_learn_on_standardized_statistics(classes: int) -> None:
    statistics, labels = samples(classes)
    found = fit_logistic_regression(statistics, labels, classes)
    scaled = StandardScaler().fit_transform(statistics)
    reference = Reference(C=found.penalty, class_weight="balanced", max_iter=1000).fit(scaled, labels)
    logits = found.logits(statistics)
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert probabilities == pytest.approx(reference.predict_proba(scaled), abs=1e-6)


def test_the_penalty_is_chosen_on_the_validation_part() -> None:
    generator = np.random.default_rng(3)
    train, labels = generator.normal(size=(40, 30)), generator.integers(0, 2, 40)
    noisy = fit_logistic_regression(
        train, labels, 2, validation=(generator.normal(size=(400, 30)), generator.integers(0, 2, 400))
    )
    assert noisy.penalty <= 0.01  # labels without a signal: weights close to zero
    statistics, labels = samples(2, 2000)
    clear = fit_logistic_regression(
        statistics[:1000] * 1.0, labels[:1000], 2, validation=(statistics[1000:], labels[1000:])
    )
    assert clear.penalty >= 0.1


@pytest.mark.parametrize("labels", [[0] * 10, [2] * 10, [0, 2] * 5])
def test_a_class_without_training_images_is_never_predicted(labels: list[int]) -> None:
    statistics = np.random.default_rng(0).normal(size=(10, 4))
    predicted = fit_logistic_regression(statistics, labels, 3).logits(statistics * 9).argmax(axis=1)
    assert set(predicted) <= set(labels)


def test_a_statistic_that_is_constant_does_not_spoil_the_fit() -> None:
    statistics, labels = samples(2)
    statistics[:, 3] = 7.0
    assert np.isfinite(fit_logistic_regression(statistics, labels, 2).logits(statistics)).all()
