from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from zoo.registry import registry
from zoo.training.class_balance import class_weights
from zoo.training.loss import Loss, make_loss

LOGITS = torch.tensor([[2.0, 0.0], [0.5, 1.5], [-1.0, 3.0]])
LABELS = torch.tensor([0, 0, 1])
CPU = torch.device("cpu")
RECIPE = replace(registry().recipe("liu2023"), label_smoothing=0.0)


def _loss(head: str = "softmax", counts: tuple[int, int] = (1, 1), **changes: Any) -> Loss:
    labels = [0] * counts[0] + [1] * counts[1]
    return make_loss(head, replace(RECIPE, **changes), labels, 2, CPU)  # type: ignore[arg-type]


def _mean(loss: Loss, logits: torch.Tensor, *labels: torch.Tensor) -> float:
    """Return the loss of a batch."""
    return float(loss.sum(logits, *labels)) / len(logits)


def _probability(logits: list[float], label: int) -> float:
    """Return the probability of a class, computed by hand."""
    return math.exp(logits[label]) / sum(map(math.exp, logits))


PROBABILITIES = [_probability(row, label) for row, label in zip(LOGITS.tolist(), LABELS.tolist(), strict=True)]


def test_cross_entropy_is_the_mean_negative_logarithm_of_the_right_probability() -> None:
    assert _mean(_loss(), LOGITS, LABELS) == pytest.approx(sum(-math.log(p) for p in PROBABILITIES) / 3)


def test_focal_loss_weighs_the_logarithm_by_the_square_of_the_missing_probability() -> None:
    # Lin 2017: (1 - p)^2 times the logarithm
    by_hand = sum(-((1 - p) ** 2) * math.log(p) for p in PROBABILITIES) / 3
    assert _mean(_loss(loss="focal"), LOGITS, LABELS) == pytest.approx(by_hand, rel=1e-5)


def test_balanced_class_weights_give_all_classes_the_same_total_weight() -> None:
    assert class_weights(np.array([30, 10])).tolist() == pytest.approx([2 / 3, 2])
    weights = [2 / 3, 2 / 3, 2]
    by_hand = sum(-w * math.log(p) for w, p in zip(weights, PROBABILITIES, strict=True)) / 3
    loss = _loss(counts=(30, 10), class_weights="balanced")
    assert _mean(loss, LOGITS, LABELS) == pytest.approx(by_hand, rel=1e-5)
    assert _mean(loss, LOGITS, LABELS) == pytest.approx(
        float(F.cross_entropy(LOGITS, LABELS, weight=torch.tensor([2 / 3, 2.0]), reduction="sum")) / 3, rel=1e-5
    )


def test_focal_loss_and_class_weights_are_multiplied() -> None:
    weights = [2 / 3, 2 / 3, 2]
    by_hand = sum(-w * (1 - p) ** 2 * math.log(p) for w, p in zip(weights, PROBABILITIES, strict=True)) / 3
    loss = _loss(counts=(30, 10), class_weights="balanced", loss="focal")
    assert _mean(loss, LOGITS, LABELS) == pytest.approx(by_hand, rel=1e-5)


def test_label_smoothing_spreads_a_tenth_evenly_over_both_classes() -> None:
    by_hand = sum(-0.95 * math.log(p) - 0.05 * math.log(1 - p) for p in PROBABILITIES) / 3
    assert _mean(_loss(label_smoothing=0.1), LOGITS, LABELS) == pytest.approx(by_hand, rel=1e-5)


@pytest.mark.parametrize("changes", [{}, {"loss": "focal"}, {"label_smoothing": 0.1}, {"class_weights": "balanced"}])
def test_a_sigmoid_head_has_the_loss_of_a_softmax_over_two_outputs(changes: dict[str, Any]) -> None:
    one = (LOGITS[:, 1] - LOGITS[:, 0])[:, None]
    two = _mean(_loss(counts=(30, 10), **changes), LOGITS, LABELS)
    assert _mean(_loss("sigmoid", (30, 10), **changes), one, LABELS) == pytest.approx(two, rel=1e-5)


@pytest.mark.parametrize("changes", [{}, {"loss": "focal"}, {"class_weights": "balanced"}])
def test_the_loss_of_a_mixed_image_counts_both_labels_by_their_shares(changes: dict[str, Any]) -> None:
    loss = _loss(counts=(30, 10), **changes)
    own_share = torch.tensor([1.0, 0.25, 0.0])
    other_labels = torch.tensor([1, 1, 0])
    weight = loss.weights if loss.weights is not None else torch.ones(2)
    both = [[], []]
    for row, (label, other) in enumerate(zip(LABELS.tolist(), other_labels.tolist(), strict=True)):
        for named, share in ((label, float(own_share[row])), (other, 1 - float(own_share[row]))):
            p = _probability(LOGITS[row].tolist(), named)
            focus = (1 - p) ** 2 if loss.focal else 1
            both[0].append(share * float(weight[named]) * focus * -math.log(p))
            both[1].append(share * float(weight[named]))
    assert _mean(loss, LOGITS, LABELS, other_labels, own_share) == pytest.approx(sum(both[0]) / sum(both[1]), rel=1e-5)


def test_class_weights_are_finite_for_a_class_without_images() -> None:
    assert np.isfinite(class_weights(np.array([2, 0]))).all()
