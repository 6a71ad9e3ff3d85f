from __future__ import annotations

import pytest
import torch
from torch import nn

from zoo.config.recipe import Recipe
from zoo.training.optimizer import make_optimizer


def _recipe(**how: object) -> Recipe:
    return Recipe(name="r", summary="", **how)  # type: ignore[arg-type]


def test_biases_and_normalization_layers_have_no_weight_decay() -> None:
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


@pytest.mark.parametrize(
    ("name", "kind", "settings"),
    [
        ("adam", torch.optim.Adam, {"betas": (0.9, 0.999), "decoupled_weight_decay": False}),
        ("adamw", torch.optim.AdamW, {"betas": (0.9, 0.999), "decoupled_weight_decay": True}),
        ("sgd", torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
    ],
)
def test_each_name_of_an_optimizer_makes_the_class_of_that_name(
    name: str, kind: type[torch.optim.Optimizer], settings: dict[str, object]
) -> None:
    optimizer = make_optimizer(nn.Linear(3, 2), _recipe(optimizer=name, lr=0.01, weight_decay=0.1))
    assert type(optimizer) is kind
    assert {key: optimizer.defaults[key] for key in settings} == settings
    assert optimizer.defaults["lr"] == 0.01


def test_adam_adamw_and_sgd_take_the_steps_computed_by_hand() -> None:
    steps = {}
    for name in ("adam", "adamw", "sgd"):
        network = nn.Linear(2, 2, bias=False)
        nn.init.ones_(network.weight)
        optimizer = make_optimizer(network, _recipe(optimizer=name, lr=0.1, weight_decay=0.5))
        network.weight.grad = torch.full((2, 2), 2.0)
        optimizer.step()
        steps[name] = network.weight[0, 0].item()
    # by hand: Adam divides the gradient by its own size; AdamW shrinks the weight first; SGD with Nesterov's momentum
    assert steps["adam"] == pytest.approx(1 - 0.1, abs=1e-6)
    assert steps["adamw"] == pytest.approx(1 * (1 - 0.1 * 0.5) - 0.1, abs=1e-6)
    assert steps["sgd"] == pytest.approx(1 - 0.1 * (2 + 0.5) * 1.9, abs=1e-6)
