"""Checks of training, saving, loading and explaining a network."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from zoo.classifier import Classifier, from_pretrained
from zoo.errors import PluginError, ZooError, did_you_mean
from zoo.explain import grad_cam
from zoo.testing.case import Case

SEEDS = 3
"""With one seed, all ReLUs of a narrow layer may be zero; with every seed that is unlikely."""
STEPS = 3
"""A last layer or a scale that is initialised with zeros blocks the gradient for one step each."""
LEARNING_RATE = 0.1
OTHER_SEED = 20_260


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


def saves_and_loads(case: Case) -> None:
    """A network that is saved and loaded gives exactly the same logits."""
    before = case.logits.nan_to_num()
    with TemporaryDirectory() as folder, torch.random.fork_rng(devices=[]):
        torch.manual_seed(OTHER_SEED)  # so that weights that forward draws again would differ
        loaded = _save_and_load(case.classifier, Path(folder) / "bundle")
    if not torch.equal(before, case.run(loaded, case.batch()).nan_to_num()):
        raise PluginError(
            "a network that is saved and loaded gives other logits",
            hint="everything forward needs must be a parameter or a buffer, or be computed from the options",
        )


def _save_and_load(classifier: Classifier, folder: Path) -> Classifier:
    """Save a classifier as a bundle, and return the classifier loaded from it."""
    try:
        classifier.save(folder)
    except (RuntimeError, ValueError) as error:
        raise PluginError(
            f"the network cannot be saved: {error}", hint="give every tensor one name, and share the module instead"
        ) from error
    try:
        return from_pretrained(folder)
    except ZooError as error:
        raise PluginError(
            f"the saved network cannot be loaded: {error.message}",
            hint="create all parameters and buffers in build, none in forward",
        ) from error


def has_heat_map(case: Case) -> None:
    """The layer for the heat map exists, and the heat map has height and width."""
    layer, network = case.blueprint.architecture.cam_layer, case.classifier.network
    if layer is None:
        raise PluginError("no layer for the heat map is declared", hint="set Architecture(cam_layer=...)")
    layers = [name for name, _ in network.named_modules() if name]
    if layer not in layers:
        raise PluginError(f"there is no layer {layer!r} for the heat map", hint=did_you_mean(layer, layers))
    _ = case.logits  # raises an error in forward itself, before the layer is examined
    try:
        heat, _ = grad_cam(network, layer, case.batch(), tokens=case.blueprint.architecture.cam_tokens)
    except PluginError as error:
        raise PluginError(
            error.message, hint="choose a layer before the pooling; for a transformer, set cam_tokens"
        ) from error
    except (RuntimeError, IndexError, AttributeError) as error:
        raise PluginError(
            f"no heat map can be computed from the layer {layer!r}: {type(error).__name__}: {error}",
            hint="choose a layer that forward calls, that returns one tensor, and that the logits depend on",
        ) from error
    if min(heat.shape[1:]) < 2:
        raise PluginError(
            f"the layer {layer!r} gives a heat map of {heat.shape[1]}x{heat.shape[2]}",
            hint="choose a layer before the pooling, whose output has height and width",
        )
