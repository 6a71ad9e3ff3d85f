from __future__ import annotations

import pytest
import torch
from torch import nn

from zoo.spec import Recipe
from zoo.training.optimizer import learning_rate, make_optimizer


def _recipe(**how: object) -> Recipe:
    return Recipe(name="r", summary="", **how)  # type: ignore[arg-type]


def test_biases_and_norms_do_not_decay() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4, 2))
    network[3].bias.requires_grad_(False)
    decays = {
        id(parameter): group["weight_decay"]
        for group in make_optimizer(network, _recipe(weight_decay=0.1)).param_groups
        for parameter in group["params"]
    }
    assert decays == {
        id(network[0].weight): 0.1,
        id(network[3].weight): 0.1,
        id(network[0].bias): 0.0,
        id(network[1].weight): 0.0,
        id(network[1].bias): 0.0,
    }


@pytest.mark.parametrize("name", ["adam", "adamw", "sgd"])
def test_every_optimiser_goes_downhill(name: str) -> None:
    torch.manual_seed(0)
    network = nn.Linear(3, 2)
    optimizer = make_optimizer(network, _recipe(optimizer=name, lr=0.01))
    x, labels = torch.randn(3, 3), torch.tensor([0, 1, 1])
    losses = []
    for _ in range(20):
        loss = nn.functional.cross_entropy(network(x), labels)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]


def test_a_constant_rate_is_constant() -> None:
    assert {learning_rate(_recipe(lr=0.1), step, 50) for step in range(50)} == {0.1}


def test_a_rise_ends_at_the_rate_and_a_cosine_at_nothing() -> None:
    recipe = _recipe(lr=0.1, schedule="cosine", warmup=0.1)
    rates = [learning_rate(recipe, step, 100) for step in range(100)]
    assert rates[:10] == pytest.approx([0.01 * (step + 1) for step in range(10)])
    assert rates[10] == pytest.approx(0.1)
    assert rates[55] == pytest.approx(0.05)
    assert 0 < rates[99] < 0.001
    assert rates[10:] == sorted(rates[10:], reverse=True)


def test_steps_fall_to_a_tenth_three_times() -> None:
    recipe = _recipe(lr=1.0, schedule="step")
    rates = [learning_rate(recipe, step, 10) for step in range(10)]
    assert rates == pytest.approx([1, 1, 1, 1, 0.1, 0.1, 0.01, 0.01, 0.001, 0.001])
