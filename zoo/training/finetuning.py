"""Which layers are trained, and how fast: all, only the head, or earlier layers with a lower learning rate."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import torch
from torch import nn

from zoo.config.recipe import Recipe
from zoo.errors import PluginError
from zoo.registry import Blueprint, build_network, outputs_for

RATE_LEVELS = 10
"""Learning rates between the first layer's and the head's are rounded to so many levels, so that groups are few."""


def head_parameters(blueprint: Blueprint, classes: int) -> Collection[str]:
    """Return the names of the head's parameters: those whose shape depends on the number of outputs."""
    outputs = outputs_for(classes, blueprint.entry.head)
    fewer, more = _shapes(blueprint, outputs), _shapes(blueprint, outputs + 1)
    head = {name for name, shape in fewer.items() if shape != more.get(name)}
    if not head:
        raise PluginError(f"no parameter of {blueprint.name} depends on the number of outputs", where=blueprint.plugin)
    return head


def freeze(network: nn.Module, recipe: Recipe, head: Collection[str]) -> None:
    """Exclude from training what the recipe freezes: all layers but the head, or the batch norms' scales."""
    if recipe.tune == "head":
        for name, parameter in network.named_parameters():
            parameter.requires_grad_(name in head)
    if recipe.batch_norm == "frozen":
        for norm in _norms(network):
            norm.requires_grad_(False)


def set_training_mode(network: nn.Module, recipe: Recipe) -> None:
    """Set training mode, in which a frozen batch norm still uses its initial statistics."""
    network.train()
    if recipe.batch_norm == "frozen" or recipe.tune == "head":
        for norm in _norms(network):
            norm.eval()


def rate_scales(network: nn.Module, recipe: Recipe, head: Collection[str]) -> Mapping[str, float]:
    """Return each parameter's share of the learning rate, by name; it rises from the first layer to the head."""
    names = [name for name, _ in network.named_parameters()]
    layers = list(dict.fromkeys(name.rpartition(".")[0] for name in names if name not in head))
    last = max(1, len(layers))
    depth = {layer: round(number / last * RATE_LEVELS) / RATE_LEVELS for number, layer in enumerate(layers)}
    return {name: 1.0 if name in head else recipe.early_rate ** (1 - depth[name.rpartition(".")[0]]) for name in names}


def _norms(network: nn.Module) -> list[nn.Module]:
    """Return the batch norms of a network."""
    return [module for module in network.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]


def _shapes(blueprint: Blueprint, outputs: int) -> dict[str, torch.Size]:
    """Return the shapes of a network's parameters, by name, without allocating memory if its code allows that."""
    try:
        with torch.device("meta"):
            network = build_network(blueprint.architecture, outputs, blueprint.options, plugin=blueprint.plugin)
    except PluginError:
        network = build_network(blueprint.architecture, outputs, blueprint.options, plugin=blueprint.plugin)
    return {name: parameter.shape for name, parameter in network.named_parameters()}
