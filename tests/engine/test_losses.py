from __future__ import annotations

import math
from typing import Any

import pytest
import torch

from zoo.engine.losses import FOCUS, Loss, class_weights, make_loss
from zoo.spec import Recipe

LOGITS = torch.tensor([[2.0, -1.0, 0.1], [0.5, 0.3, -2.0], [-1.0, 4.0, 0.0]])
LABELS = torch.tensor([0, 2, 1])
UNEQUAL = torch.tensor([0.5, 2.0, 1.0])


def _loss(**how: Any) -> Loss:
    return Loss(**{"head": "softmax", "focal": False, "smoothing": 0.0, "weights": None, **how})


def _likelihoods() -> list[float]:
    rows = zip(LOGITS.tolist(), LABELS.tolist(), strict=True)
    return [math.exp(row[label]) / sum(math.exp(value) for value in row) for row, label in rows]


def test_classes_weigh_alike_and_an_average_image_weighs_one() -> None:
    labels = [0] * 6 + [1] * 2
    weights = class_weights(labels, 2)
    assert weights.tolist() == pytest.approx([8 / 12, 8 / 4])
    assert weights[labels].mean().item() == pytest.approx(1)
    assert class_weights([0, 0], 3).isfinite().all()


@pytest.mark.parametrize("weights", [None, UNEQUAL])
@pytest.mark.parametrize("focal", [False, True])
def test_it_is_the_weighted_mean_of_log_likelihoods(weights: torch.Tensor | None, focal: bool) -> None:
    """Focal: each times (1 - likelihood) to the power of 2 (Lin 2017, equation 4)."""
    each = [-math.log(p) * ((1 - p) ** 2 if focal else 1) for p in _likelihoods()]
    share = [1.0 if weights is None else weights[label].item() for label in LABELS.tolist()]
    wanted = sum(loss * weight for loss, weight in zip(each, share, strict=True)) / sum(share)
    assert FOCUS == 2
    assert _loss(weights=weights, focal=focal)(LOGITS, LABELS).item() == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize("weights", [None, UNEQUAL[:2]])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("focal", [False, True])
def test_one_sigmoid_output_loses_what_two_softmax_outputs_lose(
    weights: torch.Tensor | None, smoothing: float, focal: bool
) -> None:
    """One output z says what two outputs 0 and z say."""
    z = torch.tensor([[1.5], [-0.7], [3.0]])
    labels = torch.tensor([0, 1, 1])
    both = torch.cat([torch.zeros_like(z), z], dim=1)
    how = {"weights": weights, "smoothing": smoothing, "focal": focal}
    wanted = _loss(**how)(both, labels)
    assert _loss(head="sigmoid", **how)(z, labels).item() == pytest.approx(wanted.item(), rel=1e-5)


def test_smoothing_is_torchs() -> None:
    wanted = torch.nn.functional.cross_entropy(LOGITS, LABELS, label_smoothing=0.3)
    assert _loss(smoothing=0.3)(LOGITS, LABELS).item() == pytest.approx(wanted.item())


@pytest.mark.parametrize("weights", [None, UNEQUAL])
def test_an_image_of_two_labels_lies_between_both(weights: torch.Tensor | None) -> None:
    loss_of = _loss(weights=weights)
    others = torch.tensor([1, 1, 0])
    whole, none = torch.ones(3), torch.zeros(3)
    assert torch.equal(loss_of(LOGITS, LABELS, others, whole), loss_of(LOGITS, LABELS))
    assert torch.equal(loss_of(LOGITS, LABELS, others, none), loss_of(LOGITS, others))
    half = loss_of(LOGITS[:1], LABELS[:1], LABELS[:1], torch.tensor([0.5]))
    assert half.item() == pytest.approx(loss_of(LOGITS[:1], LABELS[:1]).item())


def test_half_precision_does_not_reach_the_loss() -> None:
    logits = LOGITS.bfloat16()
    assert _loss()(logits, LABELS).dtype == torch.float32


def test_the_recipe_decides() -> None:
    recipe = Recipe(name="r", summary="", loss="focal", label_smoothing=0.1, class_weights="balanced")
    made = make_loss("softmax", recipe, [0, 0, 1], 2, torch.device("cpu"))
    assert (made.focal, made.smoothing) == (True, 0.1)
    assert made.weights is not None
    assert made.weights.tolist() == pytest.approx([0.75, 1.5])
    plain = make_loss("softmax", Recipe(name="r", summary=""), [0, 0, 1], 2, torch.device("cpu"))
    assert (plain.focal, plain.smoothing, plain.weights) == (False, 0.0, None)
