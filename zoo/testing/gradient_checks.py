"""The check that training reaches every parameter of a network."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from zoo.errors import PluginError
from zoo.testing.case import Case

SEEDS = 3
"""With one seed, all ReLUs of a narrow layer may be zero; with every seed that is unlikely."""
STEPS = 3
"""A last layer or a scale that is initialized with zeros blocks the gradient for one step each."""
LEARNING_RATE = 0.1


def trains_every_parameter(case: Case) -> None:
    """Every trainable parameter gets a gradient within three steps."""
    missing: set[str] | None = None
    for seed in range(SEEDS):
        torch.manual_seed(seed)
        unreached = _without_gradient(case, case.blueprint.build(2).train())
        missing = unreached if missing is None else missing & unreached
        if not missing:
            return
    raise PluginError(
        f"no gradient for {', '.join(sorted(missing or ())[:3])}",
        hint="use it in forward, or set requires_grad=False if it is not trained",
    )


def _without_gradient(case: Case, network: nn.Module) -> set[str]:
    """Return the trainable parameters whose gradient is zero in every step."""
    missing = {name: parameter for name, parameter in network.named_parameters() if parameter.requires_grad}
    for _ in range(STEPS):
        network.zero_grad()
        logits = case.forward(network, case.batch(4))
        if not logits.requires_grad:
            raise PluginError("the logits have no gradient", hint="use neither detach nor torch.no_grad in forward")
        torch.autograd.backward(_loss(logits))
        _check_finite(network)
        missing = {name: weight for name, weight in missing.items() if weight.grad is None or not weight.grad.any()}
        if not missing:
            break
        _step(network)
    return set(missing)


def _loss(logits: Tensor) -> Tensor:
    """Return the loss for labels that alternate, so that every output gets a gradient."""
    outputs = logits.flatten(1)
    labels = torch.arange(len(outputs)) % 2
    if outputs.shape[1] == 1:
        return F.binary_cross_entropy_with_logits(outputs[:, 0], labels.float())
    return F.cross_entropy(outputs, labels)


def _check_finite(network: nn.Module) -> None:
    """Raise an error if a gradient is not finite."""
    for name, parameter in network.named_parameters():
        if parameter.grad is not None and not torch.isfinite(parameter.grad).all():
            raise PluginError(
                f"the gradient of {name} is not finite",
                hint="look for a square root, logarithm or division at zero (std of a constant), or initial weights",
            )


@torch.no_grad()
def _step(network: nn.Module) -> None:
    """Take one step of gradient descent."""
    for parameter in network.parameters():
        if parameter.grad is not None:
            parameter.sub_(LEARNING_RATE * parameter.grad)
