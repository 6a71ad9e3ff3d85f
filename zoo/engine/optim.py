"""The optimiser and the learning rate, as the recipe says."""

from __future__ import annotations

import math

import torch
from torch import nn

from zoo.spec import Recipe


def make_optimizer(network: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """Weights decay; biases and the scales of norms, which have one dimension, do not."""
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    groups = [
        {"params": [p for p in trained if p.ndim > 1], "weight_decay": recipe.weight_decay},
        {"params": [p for p in trained if p.ndim <= 1], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(groups, lr=recipe.lr, momentum=0.9, nesterov=True, fused=True)
    kind = torch.optim.AdamW if recipe.optimizer == "adamw" else torch.optim.Adam
    return kind(groups, lr=recipe.lr, fused=True)


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
