"""The optimizer and its parameter groups."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from zoo.config.recipe import Recipe
from zoo.training.schedule import SCALE


def make_optimizer(network: nn.Module, recipe: Recipe, scales: Mapping[str, float] | None) -> torch.optim.Optimizer:
    """Return the recipe's optimizer for the parameters that are trained.

    Args:
        network: The network.
        recipe: The recipe, with the optimizer, its learning rate and its weight decay; see `without_weight_decay`.
        scales: Each parameter's share of the learning rate, by name; if None, all have the same rate.
    """
    without_decay = without_weight_decay(network)
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        if parameter.requires_grad:
            decay = 0.0 if name in without_decay else recipe.weight_decay
            groups.setdefault((decay, scales[name] if scales else 1.0), []).append(parameter)
    options = [
        {"params": parameters, "weight_decay": decay, SCALE: scale} for (decay, scale), parameters in groups.items()
    ]
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(options, lr=recipe.lr, momentum=0.9, nesterov=True, fused=True)
    kind = torch.optim.AdamW if recipe.optimizer == "adamw" else torch.optim.Adam
    return kind(options, lr=recipe.lr, fused=True)


def without_weight_decay(network: nn.Module) -> set[str]:
    """Return the names of the parameters that have no weight decay.

    These are parameters with at most one dimension, which are biases and the scales of normalization layers, and those
    that the network or a part of it names in a method `no_weight_decay()`, as in timm: position embeddings, tokens,
    tables of biases.
    """
    names = {name for name, parameter in network.named_parameters() if parameter.ndim <= 1}
    for prefix, module in network.named_modules():
        declared = getattr(module, "no_weight_decay", None)
        if callable(declared):
            names |= {f"{prefix}.{name}" if prefix else name for name in declared()}
    return names
