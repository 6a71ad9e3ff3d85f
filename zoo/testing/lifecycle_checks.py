"""What the zoo does with a network: train it, save it, explain it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from zoo.classifier import Classifier, from_pretrained
from zoo.errors import PluginError, ZooError, did_you_mean
from zoo.explain import grad_cam
from zoo.testing.case import Subject

SEEDS = 3
"""A narrow layer may begin with all its ReLUs shut; the same one hardly does so from every seed."""
STEPS = 3
"""A last layer or a scale that begins at zero holds the gradient back for a step each."""
RATE = 0.1


def trains_every_parameter(subject: Subject) -> None:
    """Within some steps, a gradient reaches everything that is trained."""
    waiting: set[str] | None = None
    for seed in range(SEEDS):
        torch.manual_seed(seed)
        unreached = _unreached(subject, subject.blueprint.build(2).train())
        waiting = unreached if waiting is None else waiting & unreached
        if not waiting:
            return
    raise PluginError(
        f"no gradient reaches {', '.join(sorted(waiting or ())[:3])}",
        hint="use it in forward, or set requires_grad=False if it is not meant to be trained",
    )


def _unreached(subject: Subject, network: nn.Module) -> set[str]:
    """The trained parameters that have seen no gradient after some steps."""
    waiting = {name: one for name, one in network.named_parameters() if one.requires_grad}
    for _ in range(STEPS):
        network.zero_grad()
        logits = subject.forward(network, subject.batch(4))
        if not logits.requires_grad:
            raise PluginError("no gradient leaves the logits", hint="no detach and no torch.no_grad on the way to them")
        torch.autograd.backward(_loss(logits))
        _check_finite(network)
        waiting = {name: one for name, one in waiting.items() if one.grad is None or not one.grad.any()}
        if not waiting:
            break
        _step(network)
    return set(waiting)


def _loss(logits: Tensor) -> Tensor:
    """Classes in turn, so that no output is idle."""
    outputs = logits.flatten(1)
    labels = torch.arange(len(outputs)) % 2
    if outputs.shape[1] == 1:
        return F.binary_cross_entropy_with_logits(outputs[:, 0], labels.float())
    return F.cross_entropy(outputs, labels)


NOT_FINITE = (
    "look for a root, a logarithm or a division at zero (the std of what is constant), or at the initialisation"
)


def _check_finite(network: nn.Module) -> None:
    for name, parameter in network.named_parameters():
        if parameter.grad is not None and not torch.isfinite(parameter.grad).all():
            raise PluginError(
                f"the gradient of {name} is not finite",
                hint=NOT_FINITE,
            )


@torch.no_grad()
def _step(network: nn.Module) -> None:
    """Plain gradient descent."""
    for parameter in network.parameters():
        if parameter.grad is not None:
            parameter.sub_(RATE * parameter.grad)


OTHER_SEED = 20_260


def bundle_comes_back(subject: Subject) -> None:
    """Saved and loaded again, it gives the same bits."""
    before = subject.logits.nan_to_num()
    with TemporaryDirectory() as folder, torch.random.fork_rng(devices=[]):
        torch.manual_seed(OTHER_SEED)  # what is drawn anew must not come out the same by chance
        loaded = _saved_and_loaded(subject.classifier, Path(folder) / "bundle")
    if not torch.equal(before, subject.run(loaded, subject.batch()).nan_to_num()):
        raise PluginError(
            "a saved network gives other outputs when it is loaded",
            hint="what forward needs must be a parameter or a buffer, or follow from the options",
        )


def _saved_and_loaded(classifier: Classifier, folder: Path) -> Classifier:
    try:
        classifier.save(folder)
    except (RuntimeError, ValueError) as error:
        raise PluginError(
            f"it cannot be saved: {error}", hint="keep every tensor under one name, and share the module instead"
        ) from error
    try:
        return from_pretrained(folder)
    except ZooError as error:
        raise PluginError(
            f"it was saved and cannot be loaded: {error.message}",
            hint="build must make all parameters and buffers; forward may not add any",
        ) from error


def has_activation_map(subject: Subject) -> None:
    """The layer for the class-activation map exists, and its map has two dimensions."""
    layer, network = subject.blueprint.architecture.cam_layer, subject.classifier.network
    if layer is None:
        raise PluginError("it names no layer for the class-activation map", hint="give Architecture(cam_layer=...)")
    layers = [name for name, _ in network.named_modules() if name]
    if layer not in layers:
        raise PluginError(f"there is no layer {layer!r} for the class-activation map", hint=did_you_mean(layer, layers))
    _ = subject.logits  # what goes wrong after this is the layer's fault
    try:
        heat, _ = grad_cam(network, layer, subject.batch(), tokens=subject.blueprint.architecture.cam_tokens)
    except PluginError as error:
        raise PluginError(
            error.message, hint="name a layer before the pooling; for a transformer, say how many cam_tokens lead"
        ) from error
    except (RuntimeError, IndexError, AttributeError) as error:
        raise PluginError(
            f"no map can be drawn from the layer {layer!r}: {type(error).__name__}: {error}",
            hint="name a layer that forward calls, that gives one tensor, and that the logits depend on",
        ) from error
    if min(heat.shape[1:]) < 2:
        raise PluginError(
            f"the layer {layer!r} gives a map of {heat.shape[1]}x{heat.shape[2]}",
            hint="name a layer before the pooling, whose output still has height and width",
        )
