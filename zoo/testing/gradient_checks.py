"""The check that training reaches every parameter of a network."""

from __future__ import annotations

import torch
from torch import nn

from zoo.errors import PluginError
from zoo.testing.case import Case
from zoo.testing.steps import backward, descend

SEEDS = 3
"""With one seed, all ReLUs of a narrow layer may be zero; with every seed that is unlikely."""
STEPS = 3
"""A last layer or a scale that is initialized with zeros blocks the gradient for one step each."""


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
        backward(network, case.forward(network, case.batch(4)))
        missing = {name: weight for name, weight in missing.items() if weight.grad is None or not weight.grad.any()}
        if not missing:
            break
        descend(network)
    return set(missing)
