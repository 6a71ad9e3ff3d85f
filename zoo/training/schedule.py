"""The learning rate schedule: warm-up, then constant, steps or cosine."""

from __future__ import annotations

import math

import torch

from zoo.config.recipe import Recipe

SCALE = "scale"
"""The key of each parameter group's share of the learning rate."""


def learning_rate(recipe: Recipe, step: int, steps: int) -> float:
    """Return the learning rate of one of `steps` steps: a linear warm-up, then the recipe's schedule."""
    warmup = math.ceil(recipe.warmup * steps)
    if step < warmup:
        return recipe.lr * (step + 1) / warmup
    if recipe.schedule == "constant":
        return recipe.lr
    if recipe.schedule == "step":
        return recipe.lr * 0.1 ** sum(step >= share * steps for share in (0.4, 0.6, 0.8))
    done = (step - warmup) / max(1, steps - warmup)
    return recipe.lr * 0.5 * (1 + math.cos(math.pi * done))


def set_learning_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Set the learning rate of every parameter group to its share of `rate`."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group[SCALE]
