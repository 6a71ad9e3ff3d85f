"""The network within what `torch.compile` and data parallelism wrap around it."""

from __future__ import annotations

from torch import nn
from torch.nn.parallel import DataParallel, DistributedDataParallel


def unwrapped(network: nn.Module) -> nn.Module:
    """Return the network within such wrappers, which put a prefix before the names of its weights."""
    compiled = network._modules.get("_orig_mod")  # its class is not imported: that takes a second
    inner = network.module if isinstance(network, DataParallel | DistributedDataParallel) else compiled
    return network if inner is None else unwrapped(inner)
