"""Which layers are trained, and how fast: all, only those without pretrained weights, or early layers more slowly."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from torch import nn

from zoo.bundle.provenance import InitialWeights
from zoo.classifier.head_parameters import head_parameters as of_architecture
from zoo.config.recipe import Recipe
from zoo.errors import PluginError
from zoo.registry import Blueprint, outputs_for
from zoo.text import cut_short

RATE_LEVELS = 10
"""Learning rates between the first layer's and the head's are rounded to this many levels, so that groups are few."""


def head_parameters(blueprint: Blueprint, classes: int) -> Collection[str]:
    """Return the names of the head's parameters and buffers: those whose shape depends on the number of outputs."""
    outputs = outputs_for(classes, blueprint.entry.head)
    return of_architecture(blueprint.architecture, blueprint.options, outputs=outputs, plugin=blueprint.plugin)


def head_layer(blueprint: Blueprint, classes: int) -> str | None:
    """Return the name of the layer that returns the logits; None if no single layer does."""
    try:
        layers = {name.rpartition(".")[0] for name in head_parameters(blueprint, classes)}
    except PluginError:
        return None
    return layers.pop() if len(layers) == 1 and "" not in layers else None


def tuned_parameters(network: nn.Module, recipe: Recipe, head: Collection[str], weights: InitialWeights) -> set[str]:
    """Return the names of the parameters and buffers that are trained at the full rate, even with `tune="head"`.

    These are the head and whatever has no pretrained weights. From scratch, nothing has: then `tune="head"` freezes
    nothing, and for `early_rate` the head alone counts.

    Args:
        network: The network.
        recipe: The recipe.
        head: The names of the head's parameters.
        weights: The initial weights.
    """
    if weights.fresh is not None:
        return {*head, *weights.fresh}
    return set(network.state_dict()) if recipe.tune == "head" else set(head)


def tuned_message(tuned: Collection[str], weights: InitialWeights) -> str:
    """Return the message that says what `tune="head"` trains."""
    if weights.fresh is None:
        return "tune=head freezes nothing, since no layer has pretrained weights"
    layers = list(dict.fromkeys(name.rpartition(".")[0] or name for name in sorted(tuned)))
    return f"trained: {cut_short(layers, 8)}; all other layers keep their pretrained weights"


def freeze(network: nn.Module, recipe: Recipe, tuned: Collection[str]) -> None:
    """Exclude from training what the recipe freezes: layers with pretrained weights, or the batch norms' scales.

    Args:
        network: The network.
        recipe: The recipe.
        tuned: The names of the parameters and buffers that `tune="head"` leaves free.
    """
    if recipe.tune == "head":
        for name, parameter in network.named_parameters():
            if name not in tuned:
                parameter.requires_grad_(False)
    if recipe.batch_norm == "frozen":
        for _, norm in _norms(network):
            norm.requires_grad_(False)


def set_training_mode(network: nn.Module, recipe: Recipe, tuned: Collection[str]) -> None:
    """Set training mode, in which a frozen batch norm still uses its initial statistics.

    Args:
        network: The network.
        recipe: The recipe.
        tuned: The names of the parameters and buffers that `tune="head"` leaves free.
    """
    network.train()
    for name, norm in _norms(network):
        fresh = any(f"{name}.{entry}" in tuned for entry in norm.state_dict())
        if recipe.batch_norm == "frozen" or (recipe.tune == "head" and not fresh):
            norm.eval()


def rate_scales(network: nn.Module, recipe: Recipe, tuned: Collection[str]) -> Mapping[str, float]:
    """Return each parameter's share of the learning rate, by name; it rises from the first layer to the head.

    Args:
        network: The network.
        recipe: The recipe.
        tuned: The names of the parameters with the full rate.
    """
    names = [name for name, _ in network.named_parameters()]
    layers = list(dict.fromkeys(name.rpartition(".")[0] for name in names if name not in tuned))
    last = max(1, len(layers))
    depth = {layer: round(number / last * RATE_LEVELS) / RATE_LEVELS for number, layer in enumerate(layers)}
    return {name: 1.0 if name in tuned else recipe.early_rate ** (1 - depth[name.rpartition(".")[0]]) for name in names}


def _norms(network: nn.Module) -> list[tuple[str, nn.Module]]:
    """Return the batch norms of a network with their names."""
    kind = nn.modules.batchnorm._BatchNorm
    return [(name, module) for name, module in network.named_modules() if isinstance(module, kind)]
