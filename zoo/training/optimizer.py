"""The optimiser and the learning rate, as the recipe says."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import nn

from zoo.spec import Recipe

SCALE = "scale"
"""A group's own share of the learning rate."""


def make_optimizer(
    network: nn.Module, recipe: Recipe, scales: Mapping[str, float] | None = None
) -> torch.optim.Optimizer:
    """Weights decay; biases and the scales of norms, which have one dimension, do not."""
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


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Give every group its share of the learning rate."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group[SCALE]


def learning_rate(recipe: Recipe, step: int, steps: int) -> float:
    """The rate of one step out of all: a linear rise, then the schedule."""
    rise = math.ceil(recipe.warmup * steps)
    if step < rise:
        return recipe.lr * (step + 1) / rise
    if recipe.schedule == "constant":
        return recipe.lr
    if recipe.schedule == "step":
        return recipe.lr * 0.1 ** sum(step >= share * steps for share in (0.4, 0.6, 0.8))
    done = (step - rise) / max(1, steps - rise)
    return recipe.lr * 0.5 * (1 + math.cos(math.pi * done))
