"""The features that feed the head of a network, captured in the forward pass that gives the logits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident

from torch import Tensor, nn


@contextmanager
def head_features(network: nn.Module, layer: str | None) -> Iterator[list[Tensor]]:
    """Yield a list to which every forward pass of this thread in the block appends the features, N x channels.

    Other threads may run the network at the same time. A map of features, or a sequence of tokens, is averaged.

    Args:
        network: The network.
        layer: The name of the layer whose input are the features, as in `network.named_modules()`; None for none.
    """
    captured: list[Tensor] = []
    if layer is None:
        yield captured
        return
    thread = get_ident()

    def capture(_module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        if get_ident() == thread:
            captured.append(_pooled(inputs[0].detach()))

    hook = network.get_submodule(layer).register_forward_pre_hook(capture)
    try:
        yield captured
    finally:
        hook.remove()


def _pooled(features: Tensor) -> Tensor:
    """Return one vector for each image."""
    if features.ndim == 4:
        return features.mean(dim=(2, 3))
    return features.mean(dim=1) if features.ndim == 3 else features
