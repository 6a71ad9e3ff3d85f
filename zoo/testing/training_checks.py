"""Checks of what `zoo train` does with a network: its precision and layout, one result for one seed, resuming."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from zoo.device import Compute, choose_compute
from zoo.errors import PluginError
from zoo.testing.case import Case
from zoo.testing.side_effects import recorded_side_effects
from zoo.testing.steps import alternating_loss, nudge

IMAGES = 2
"""Another check takes a step with four."""
TOLERANCE = 1e-3
"""How much the logits may differ between two memory layouts, by rounding."""
STEPS = 3
NUDGE = 0.01


def trains_in_every_precision(case: Case) -> None:
    """The network can be trained in float32 and in bfloat16, with images in channels_last layout."""
    _ = case.logits  # raises an error in forward itself, before the layout is blamed
    for precision in ("float32", "bfloat16"):
        compute = choose_compute("cpu", precision)
        try:
            _train_once(case, compute)
        except (PluginError, RuntimeError) as error:
            message = error.message if isinstance(error, PluginError) else str(error)
            raise PluginError(
                f"in training with {precision} and channels_last: {message}",
                where=error.where if isinstance(error, PluginError) else None,
                hint="use flatten or reshape, not view; create new tensors like others: x.new_zeros, zeros_like",
            ) from error


def _train_once(case: Case, compute: Compute) -> None:
    """Take a forward and a backward pass."""
    network = compute.place(case.new(seed=1)).train()
    with compute.autocast():
        logits = case.forward(network, compute.arrange(case.batch(IMAGES)))
    if logits.requires_grad:
        torch.autograd.backward(alternating_loss(logits))
    rearranged = case.run(case.classifier, case.batch().contiguous(memory_format=torch.channels_last))
    if not torch.allclose(rearranged, case.logits, atol=TOLERANCE, rtol=TOLERANCE, equal_nan=True):
        raise PluginError("the logits depend on the memory layout of the images")
    if not torch.isfinite(logits).all() and torch.isfinite(case.logits).all():
        raise PluginError("logits are not finite")


def trains_reproducibly(case: Case) -> None:
    """Forward draws from torch's random number generator only, changes no global setting and prints nothing."""
    network = case.new(seed=1).train()
    state = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    with recorded_side_effects() as effects:
        first = case.run(network, case.batch(IMAGES))
    if effects.found:
        raise PluginError(
            f"forward {'; '.join(effects.found)}", hint="use torch's functions for random numbers, and print nothing"
        )
    _restore(network, state)
    if not _same(first, case.run(network, case.batch(IMAGES))):
        raise PluginError(
            "in training mode, the same seed, weights and images give different logits",
            hint="use only torch's global generator, and keep everything that changes in a buffer",
        )


def keeps_its_structure(case: Case) -> None:
    """Forward adds no parameter, buffer or module, and no list or dictionary of a module grows."""
    network = case.new(seed=1)
    for mode in (True, False):
        network.train(mode)
        case.run(network, case.batch(IMAGES))  # what is cached once, such as a mask for the size, may stay
        before = _sizes(network)
        case.run(network, case.batch(IMAGES))
        if grown := [name for name, size in _sizes(network).items() if size > before.get(name, 0)]:
            raise PluginError(
                f"forward adds to {', '.join(grown[:3])}",
                hint="create all modules, parameters and buffers in build, and keep no images or features",
            )


def _sizes(network: nn.Module) -> dict[str, int]:
    """Return the number of items in every collection of every module."""
    return {
        ".".join(filter(None, (path, name))): len(value)
        for path, module in network.named_modules()
        for name, value in vars(module).items()
        if isinstance(value, list | dict | set)
    }


def resumes_exactly(case: Case) -> None:
    """A network whose weights are loaded in the middle of training goes on as if it had not been interrupted."""
    network = case.new(seed=1).train()
    for step in range(STEPS):
        _step(case, network, step)
    resumed = case.new(seed=2).train()
    if not _restore(resumed, network.state_dict()) or _equal_next_step(case, network, resumed):
        return
    network, loaded = case.new(seed=1).train(), case.new(seed=2).train()
    if not _restore(loaded, network.state_dict()) or not _equal_next_step(case, network, loaded):
        return  # it cannot be loaded even before training, which another check reports
    raise PluginError(
        "after training is resumed from a checkpoint, the network gives other logits",
        hint="keep everything that changes from step to step in a buffer (register_buffer), not in an attribute",
    )


def _equal_next_step(case: Case, first: nn.Module, second: nn.Module) -> bool:
    """Return whether two networks give the same logits in a step of training, and after it."""
    return _same(_step(case, first, STEPS), _step(case, second, STEPS)) and _same(
        case.run(first.eval(), case.batch(IMAGES)), case.run(second.eval(), case.batch(IMAGES))
    )


def _step(case: Case, network: nn.Module, number: int) -> Tensor:
    """Take one step of training, and return its logits."""
    torch.manual_seed(number)
    network.zero_grad()
    logits = case.forward(network, case.batch(IMAGES))
    if logits.requires_grad:
        torch.autograd.backward(alternating_loss(logits))
        nudge(network, NUDGE)
    return logits.detach()


def _restore(network: nn.Module, state: Mapping[str, Tensor]) -> bool:
    """Load weights, and return whether they fit."""
    try:
        network.load_state_dict(state)
    except RuntimeError:
        return False
    return True


def _same(first: Tensor, second: Tensor) -> bool:
    """Return whether logits are the same; NaN is the same as NaN."""
    return torch.equal(first.nan_to_num(), second.nan_to_num())
