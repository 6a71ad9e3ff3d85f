"""The head of a network: the parameters whose shape depends on the number of outputs."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import torch

from zoo.errors import PluginError
from zoo.registry import build_network, meta_network
from zoo.spec import Architecture, Scalar


def head_parameters(
    architecture: Architecture, options: Mapping[str, Scalar], *, outputs: int, plugin: str
) -> Collection[str]:
    """Return the names of the head's parameters and buffers: those whose shape depends on the number of outputs.

    Args:
        architecture: The architecture of the network.
        options: The values of its options.
        outputs: The number of outputs.
        plugin: The plugin that registers it.
    """
    fewer = network_shapes(architecture, options, outputs=outputs, plugin=plugin)
    more = network_shapes(architecture, options, outputs=outputs + 1, plugin=plugin)
    head = {name for name, shape in fewer.items() if shape != more.get(name)}
    if not head:
        raise PluginError(f"no parameter of {architecture.name} depends on the number of outputs", where=plugin)
    return head


def network_shapes(
    architecture: Architecture, options: Mapping[str, Scalar], *, outputs: int, plugin: str
) -> dict[str, torch.Size]:
    """Return the shapes of a network's parameters and buffers, without allocating memory if its code allows that.

    Args:
        architecture: The architecture of the network.
        options: The values of its options.
        outputs: The number of outputs.
        plugin: The plugin that registers it.
    """
    network = meta_network(architecture, outputs, options, plugin=plugin)
    network = network or build_network(architecture, outputs, options, plugin=plugin)
    return {name: tensor.shape for name, tensor in network.state_dict().items()}
