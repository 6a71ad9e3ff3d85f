from __future__ import annotations

import pytest
import torch
from torch import nn

from zoo.config.recipe import Recipe
from zoo.registry import list_models, registry
from zoo.training.optimizer import make_optimizer, without_weight_decay


def _recipe(**how: object) -> Recipe:
    return Recipe(name="r", summary="", **how)  # type: ignore[arg-type]


def test_biases_and_normalization_layers_have_no_weight_decay() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4, 2))
    network[3].bias.requires_grad_(False)
    decays = {
        id(parameter): group["weight_decay"]
        for group in make_optimizer(network, _recipe(weight_decay=0.1), None).param_groups
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
    optimizer = make_optimizer(nn.Linear(3, 2), _recipe(optimizer=name, lr=0.01, weight_decay=0.1), None)
    assert type(optimizer) is kind
    assert {key: optimizer.defaults[key] for key in settings} == settings
    assert optimizer.defaults["lr"] == 0.01


def test_adam_adamw_and_sgd_take_the_steps_computed_by_hand() -> None:
    steps = {}
    for name in ("adam", "adamw", "sgd"):
        network = nn.Linear(2, 2, bias=False)
        nn.init.ones_(network.weight)
        optimizer = make_optimizer(network, _recipe(optimizer=name, lr=0.1, weight_decay=0.5), None)
        network.weight.grad = torch.full((2, 2), 2.0)
        optimizer.step()
        steps[name] = network.weight[0, 0].item()
    # by hand: Adam divides the gradient by its own size; AdamW shrinks the weight first; SGD with Nesterov's momentum
    assert steps["adam"] == pytest.approx(1 - 0.1, abs=1e-6)
    assert steps["adamw"] == pytest.approx(1 * (1 - 0.1 * 0.5) - 0.1, abs=1e-6)
    assert steps["sgd"] == pytest.approx(1 - 0.1 * (2 + 0.5) * 1.9, abs=1e-6)


class Positions(nn.Module):
    """A part of a network that excludes a parameter from weight decay, as in timm."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.zeros(1, 3, 4))
        self.linear = nn.Linear(4, 4)

    def no_weight_decay(self) -> set[str]:
        return {"table", "cls_token"}


def test_what_a_part_of_a_network_excludes_from_weight_decay_has_none() -> None:
    network = nn.Sequential(Positions(), nn.Sequential(Positions()))
    assert without_weight_decay(network) == {
        "0.table",
        "0.linear.bias",
        "1.0.table",
        "1.0.linear.bias",
        "0.cls_token",
        "1.0.cls_token",
    }
    optimizer = make_optimizer(network, _recipe(weight_decay=0.1), None)
    decayed = [id(p) for group in optimizer.param_groups if group["weight_decay"] for p in group["params"]]
    assert decayed == [id(network[0].linear.weight), id(network[1][0].linear.weight)]


@pytest.mark.parametrize(
    ("name", "excluded"),
    [
        ("vit", {"token", "positions"}),
        ("dinov2_vits14", {"cls_token", "pos_embed"}),
        (
            "swin",
            {
                f"layers.{stage}.blocks.{block}.attn.relative_position_bias_table"
                for stage, blocks in enumerate((2, 2, 18, 2))
                for block in range(blocks)
            },
        ),
    ],
)
def test_tokens_positions_and_tables_of_biases_have_no_weight_decay(name: str, excluded: set[str]) -> None:
    with torch.device("meta"):
        network = registry().model(name).build(2)
    several = {entry for entry, parameter in network.named_parameters() if parameter.ndim > 1}
    assert several & without_weight_decay(network) == excluded


@pytest.mark.parametrize("name", list_models())
def test_only_weights_of_layers_and_embeddings_have_several_dimensions_and_decay(name: str) -> None:
    with torch.device("meta"):
        network = registry().model(name).build(2)
    decayed = {entry for entry, _ in network.named_parameters()} - without_weight_decay(network) - {"mask_token"}
    assert {entry.rpartition(".")[2] for entry in decayed} == {"weight"}
