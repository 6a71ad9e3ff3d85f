"""Loading ImageNet weights into a network with another head."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from zoo.nn import load_trunk


def load_but_head(network: nn.Module, tensors: Mapping[str, Tensor], *, head: str) -> None:
    """Load strictly all but the layer named `head`, which stays as it was built."""
    own = {f"{head}.{key}": value for key, value in network.get_submodule(head).state_dict().items()}
    load_trunk(network, {**tensors, **own})
