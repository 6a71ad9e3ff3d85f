"""Which layers learn, and how fast: all of them, the head alone, or the earlier ones more slowly."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import torch
from torch import nn

from zoo.config.recipe import Recipe
from zoo.errors import PluginError
from zoo.registry import Blueprint, build_network, outputs_for

STEPS = 10
"""Into so many steps the rates between the first layer's and the head's are rounded, so that groups stay few."""


def head_parameters(blueprint: Blueprint, classes: int) -> Collection[str]:
    """The parameters that give the outputs: those whose shape hangs on how many outputs there are."""
    outputs = outputs_for(classes, blueprint.entry.head)
    fewer, more = _shapes(blueprint, outputs), _shapes(blueprint, outputs + 1)
    head = {name for name, shape in fewer.items() if shape != more.get(name)}
    if not head:
        raise PluginError(f"no parameter of {blueprint.name} hangs on the number of outputs", where=blueprint.plugin)
    return head


def freeze(network: nn.Module, recipe: Recipe, head: Collection[str]) -> None:
    """Take what the recipe keeps as it began out of training."""
    if recipe.tune == "head":
        for name, parameter in network.named_parameters():
            parameter.requires_grad_(name in head)
    if recipe.batch_norm == "frozen":
        for norm in _norms(network):
            norm.requires_grad_(False)


def set_training(network: nn.Module, recipe: Recipe) -> None:
    """The mode for a training step, in which a frozen batch norm goes by what it knew at the beginning."""
    network.train()
    if recipe.batch_norm == "frozen" or recipe.tune == "head":
        for norm in _norms(network):
            norm.eval()


def rate_scales(network: nn.Module, recipe: Recipe, head: Collection[str]) -> Mapping[str, float]:
    """Each parameter's learning rate as a share of the head's, by where its layer stands in the network."""
    names = [name for name, _ in network.named_parameters()]
    layers = list(dict.fromkeys(name.rpartition(".")[0] for name in names if name not in head))
    last = max(1, len(layers))
    place = {layer: round(number / last * STEPS) / STEPS for number, layer in enumerate(layers)}
    return {name: 1.0 if name in head else recipe.early_rate ** (1 - place[name.rpartition(".")[0]]) for name in names}


def _norms(network: nn.Module) -> list[nn.Module]:
    return [module for module in network.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]


def _shapes(blueprint: Blueprint, outputs: int) -> dict[str, torch.Size]:
    """The shapes of a network's parameters, without the memory of them where its code allows that."""
    try:
        with torch.device("meta"):
            network = build_network(blueprint.architecture, outputs, blueprint.options, plugin=blueprint.plugin)
    except PluginError:
        network = build_network(blueprint.architecture, outputs, blueprint.options, plugin=blueprint.plugin)
    return {name: parameter.shape for name, parameter in network.named_parameters()}
