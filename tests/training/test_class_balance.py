"""The weight of each class in the loss, for every combination of class weights, sampling, mixing and focal loss."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from tests.listening import Listener
from zoo import train
from zoo.registry import registry
from zoo.spec import Head
from zoo.training.batches import Batches
from zoo.training.class_balance import balance_message, class_shares
from zoo.training.loss import make_loss

pytestmark = pytest.mark.usefixtures("empty_charts")

LABELS = np.array([0] * 100 + [1] * 300)
CPU = torch.device("cpu")
COMBINATIONS = list(
    product(("none", "balanced"), ("natural", "balanced"), ("none", "mixup", "cutmix"), ("cross_entropy", "focal"))
)
STATED = {("none", "natural"): 0.25, ("balanced", "natural"): 0.5, ("none", "balanced"): 0.5, ("balanced",) * 2: 0.5}
"""The share of the smaller class in the total weight, by class weights and sampling."""


class _BlankImages:
    def take(self, indices: np.ndarray) -> torch.Tensor:
        return torch.zeros(len(indices), 3, 4, 4, dtype=torch.uint8)


def _measured_share(recipe: Any, head: Head, epochs: int) -> float:
    """Return the share of the first class in the gradients of a network whose outputs are all zero.

    With equal probabilities, a label pulls the outputs towards its class by its weight, whatever the loss.
    """
    data: Any = SimpleNamespace(labels=LABELS, split=SimpleNamespace(train=tuple(range(len(LABELS)))))
    batches = Batches(_BlankImages(), data, recipe, seed=0, device=CPU)  # type: ignore[arg-type]
    loss = make_loss(head, recipe, LABELS.tolist(), 2, CPU)
    pull = {0: 0.0, 1: 0.0}
    for epoch, number in product(range(1, epochs + 1), range(batches.steps)):
        batch = batches.take(epoch, number, slice(0, recipe.batch_size))
        logits = torch.zeros(recipe.batch_size, 1 if head == "sigmoid" else 2, requires_grad=True)
        for label in pull:  # the loss of an image is the sum of those of its labels, so each class is measured alone
            own = (batch.labels == label).float()
            share = torch.ones_like(own) if batch.own_share is None else batch.own_share
            other = torch.zeros_like(own) if batch.other_labels is None else (batch.other_labels == label).float()
            weight = own * share + other * (1 - share)
            same = torch.full_like(batch.labels, label)
            (gradient,) = torch.autograd.grad(loss.sum(logits, same) / len(logits), logits)
            pull[label] += float((gradient.abs().sum(dim=1) * weight).sum())
    return pull[0] / (pull[0] + pull[1])


@pytest.mark.parametrize(("weights", "sampling", "mixing", "loss"), COMBINATIONS)
@pytest.mark.parametrize("head", ["softmax", "sigmoid"])
def test_each_class_has_the_stated_share_of_the_gradients(
    weights: str, sampling: str, mixing: str, loss: str, head: Head
) -> None:
    recipe: Any = replace(
        registry().recipe("liu2023"),
        class_weights=weights,
        sampling=sampling,
        mixing=mixing,
        loss=loss,
        augment=(),
        batch_size=100,
    )
    stated = STATED[weights, sampling]
    assert class_shares(LABELS, 2, recipe)[0] == pytest.approx(stated)
    epochs, tolerance = (1, 1e-6) if mixing == "none" else (30, 0.02)
    assert _measured_share(recipe, head, epochs) == pytest.approx(stated, abs=tolerance)


def test_class_weights_give_small_classes_their_share_in_batches_of_two() -> None:
    """Divided by the weights of each batch instead, they would have much less."""
    recipe = replace(registry().recipe("liu2023"), class_weights="balanced", batch_size=2, augment=())
    assert _measured_share(recipe, "softmax", 3) == pytest.approx(0.5, abs=1e-6)


def test_class_weights_are_1_on_average_beside_a_class_without_training_images() -> None:
    recipe = replace(registry().recipe("liu2023"), class_weights="balanced")
    weights = make_loss("softmax", recipe, LABELS.tolist(), 3, CPU).weights
    assert weights is not None
    assert weights[LABELS].mean().item() == pytest.approx(1)
    assert class_shares(LABELS, 3, recipe).tolist() == pytest.approx([0.5, 0.5, 0])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({}, "benign 25.0%, malignant 75.0% (their shares of the training images)"),
        ({"class_weights": "balanced"}, "benign 50.0%, malignant 50.0% (balanced by class weights)"),
        ({"sampling": "balanced"}, "benign 50.0%, malignant 50.0% (balanced by sampling)"),
        (
            {"sampling": "balanced", "class_weights": "balanced", "mixing": "cutmix", "loss": "focal"},
            "benign 50.0%, malignant 50.0% (balanced by sampling, so class weights change nothing); cutmix with images "
            "sampled alike; then reduced by focal loss for images that are classified well",
        ),
    ],
)
def test_the_message_states_the_weight_of_each_class_and_the_reason(changes: dict[str, Any], message: str) -> None:
    recipe = replace(registry().recipe("liu2023"), **changes)
    assert balance_message(LABELS, ["benign", "malignant"], recipe) == f"weight of each class in the loss: {message}"


def test_training_says_at_its_start_which_weight_each_class_has(
    quick: dict[str, Any], tmp_path: Path, listener: Listener
) -> None:
    train("resnet20", out=tmp_path / "run", progress=listener, **{**quick, "epochs": 1})
    said = "weight of each class in the loss: bright 50.0%, dark 50.0% (balanced by class weights)"
    assert said in listener.heard
