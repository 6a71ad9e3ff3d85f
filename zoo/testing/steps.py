"""Steps of gradient descent on a network under test."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from zoo.errors import PluginError

LEARNING_RATE = 0.1


def alternating_loss(logits: Tensor) -> Tensor:
    """Return the loss for labels that alternate, so that every output gets a gradient."""
    outputs = logits.float().flatten(1)
    labels = torch.arange(len(outputs), device=outputs.device) % 2
    if outputs.shape[1] == 1:
        return F.binary_cross_entropy_with_logits(outputs[:, 0], labels.float())
    return F.cross_entropy(outputs, labels)


def backward(network: nn.Module, logits: Tensor) -> None:
    """Compute the gradients of every parameter; a PluginError says which is not finite."""
    if not logits.requires_grad:
        raise PluginError("the logits have no gradient", hint="use neither detach nor torch.no_grad in forward")
    network.zero_grad()
    torch.autograd.backward(alternating_loss(logits))
    for name, parameter in network.named_parameters():
        if parameter.grad is not None and not _all_finite(parameter.grad):
            raise PluginError(
                f"the gradient of {name} is not finite",
                hint="look for a square root, logarithm or division at zero (std of a constant), or initial weights",
            )


def _all_finite(tensor: Tensor) -> bool:
    """Return whether all numbers are finite; if their sum is, which is known sooner, they are."""
    return bool(tensor.sum().isfinite() or tensor.isfinite().all())


@torch.no_grad()
def descend(network: nn.Module) -> None:
    """Change every parameter by its gradient."""
    for parameter in network.parameters():
        if parameter.grad is not None:
            parameter.sub_(parameter.grad, alpha=LEARNING_RATE)


@torch.no_grad()
def nudge(network: nn.Module, size: float) -> None:
    """Change every parameter against its gradient, by at most `size`, however large the gradient is."""
    for parameter in network.parameters():
        if parameter.grad is not None and (largest := parameter.grad.abs().max()) > 0:
            parameter.sub_(parameter.grad, alpha=float(size / largest))
