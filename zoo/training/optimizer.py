"""The optimizer and its parameter groups."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from zoo.config.recipe import Recipe
from zoo.training.schedule import SCALE


def make_optimizer(
    network: nn.Module, recipe: Recipe, scales: Mapping[str, float] | None = None
) -> torch.optim.Optimizer:
    """Return the recipe's optimizer for the parameters that are trained.

    Args:
        network: The network.
        recipe: Says which optimizer, its learning rate and its weight decay. Biases and the scales of normalization
            layers, which have one dimension, do not decay.
        scales: Each parameter's share of the learning rate, by name; without it all have the same rate.
    """
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            decay = recipe.weight_decay if parameter.ndim > 1 else 0.0
            groups.setdefault((decay, scales[name] if scales else 1.0), []).append(parameter)
    rows = [{"params": some, "weight_decay": decay, SCALE: scale} for (decay, scale), some in groups.items()]
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(rows, lr=recipe.lr, momentum=0.9, nesterov=True, fused=True)
    kind = torch.optim.AdamW if recipe.optimizer == "adamw" else torch.optim.Adam
    return kind(rows, lr=recipe.lr, fused=True)
