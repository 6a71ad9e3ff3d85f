"""A trial of a network: a few steps of training as `zoo train` takes them, and the result saved and loaded."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext

import torch
from torch import Tensor, nn

from zoo.classifier import Classifier, from_blueprint
from zoo.device import Compute, without_tf32
from zoo.errors import PluginError, ZooError
from zoo.plugin_code import describe_error, is_full_gpu
from zoo.random_state import kept_random_state
from zoo.registry import Blueprint, outputs_for
from zoo.tensors import from_bytes, to_bytes
from zoo.testing.steps import backward, nudge

IMAGES = 2
"""The number of images in a batch."""
STEPS, MOST_STEPS = 2, 5
"""Training takes more steps only while a parameter has no gradient, as if layers are skipped at random."""
NUDGE = 1e-3
"""How much a weight changes in a step at most. Gradients of two images can be of any size."""
TOLERANCE = 1e-3
"""How much logits may differ between memory layouts, relative to the largest; more than rounding, on a GPU too."""
ROUNDING = 1e-6
"""How much logits may differ if all are zero."""
SEED, OTHER_SEED = 1, 20_260


def try_network(blueprint: Blueprint, classes: Sequence[str], compute: Compute) -> None:
    """Train a new network for a few steps, save it and load it; raise a PluginError that says what does not work.

    The network under trial is not the one that will be trained, and random number generators are restored, so a trial
    changes no result.

    Args:
        blueprint: The model, with the image size to train with.
        classes: The names of the classes.
        compute: The device, precision and memory layout to train with.
    """
    settings = compute.torch_settings() if compute.deterministic else nullcontext()
    with kept_random_state(compute.device), settings:
        try:
            _Trial(blueprint, classes, compute).run()
        except PluginError as error:
            where = error.where or blueprint.plugin
            raise PluginError(
                f"{blueprint.name} cannot be trained: {error.message}", where=where, hint=error.hint
            ) from error


class _Trial:
    """The trial of one network."""

    def __init__(self, blueprint: Blueprint, classes: Sequence[str], compute: Compute) -> None:
        self.blueprint, self.classes, self.compute = blueprint, classes, compute
        self.outputs = outputs_for(len(classes), blueprint.entry.head)

    def run(self) -> None:
        """Train, save, load and compare."""
        classifier = self._new(SEED)
        self.compute.place(classifier)
        self._train(classifier)
        classifier.eval()
        first = self._logits(classifier, torch.channels_last, seed=SEED)
        loaded = self._new(OTHER_SEED)
        _load(loaded.network, _save(classifier.network))
        loaded.eval()
        second = self._logits(loaded, torch.contiguous_format, seed=OTHER_SEED)
        if not _close(first, second):
            self._explain_difference(classifier, loaded, first)

    def _new(self, seed: int) -> Classifier:
        """Return a new classifier on the device."""
        torch.manual_seed(seed)
        classifier = from_blueprint(self.blueprint, self.classes)
        refuse_lazy(classifier.network)
        return classifier.to(self.compute.device)

    def _train(self, classifier: Classifier) -> None:
        """Take a few steps; every trainable parameter must get a gradient in one of them."""
        network = classifier.network.train()
        missing = {name for name, parameter in network.named_parameters() if parameter.requires_grad}
        for step in range(MOST_STEPS):
            if step >= STEPS and not missing:
                return
            batch = self.compute.arrange(classifier.normalize(self._pixels(step)))
            with self.compute.autocast():
                logits = self._forward(network, batch)
            backward(network, logits)
            missing -= {name for name, parameter in network.named_parameters() if parameter.grad is not None}
            nudge(network, NUDGE)
        if missing:
            raise PluginError(
                f"no gradient for {', '.join(sorted(missing)[:3])}",
                hint="use it in forward, or set requires_grad=False if it is not trained",
            )

    def _pixels(self, number: int) -> Tensor:
        """Return a batch of 8-bit noise."""
        size = self.blueprint.preprocessing
        shape = (IMAGES, 3, size.height, size.width)
        noise = torch.randint(0, 256, shape, dtype=torch.uint8, generator=torch.Generator().manual_seed(number))
        return noise.to(self.compute.device)

    @torch.no_grad()
    def _logits(self, classifier: Classifier, layout: torch.memory_format, *, seed: int) -> Tensor:
        """Return the logits in evaluation mode, computed in float32 as predictions are."""
        torch.manual_seed(seed)
        batch = classifier.normalize(self._pixels(0)).contiguous(memory_format=layout)
        with without_tf32():
            return self._forward(classifier.network, batch)

    def _forward(self, network: nn.Module, batch: Tensor) -> Tensor:
        """Return the logits; a PluginError says what is wrong with them."""
        before = batch.clone()
        try:
            logits = network(batch)
        except (ZooError, KeyboardInterrupt):
            raise
        except BaseException as error:
            if is_full_gpu(error):
                raise
            raise PluginError(
                f"forward fails for {self._described(network, batch)}: "
                f"{describe_error(error, package=self.blueprint.architecture.build)}",
                hint=_LAYOUT_HINT if "view" in str(error) else None,
            ) from error
        refuse_changed(before, batch)
        expected = (IMAGES, self.outputs)
        if not isinstance(logits, Tensor) or tuple(logits.shape) != expected:
            found = f"logits of shape {tuple(logits.shape)}" if isinstance(logits, Tensor) else type(logits).__name__
            raise PluginError(f"forward returns {found}, not logits of shape {expected}")
        if not torch.isfinite(logits).all():
            raise PluginError(
                f"logits are not finite for {self._described(network, batch)}", hint="check the initial weights"
            )
        return logits

    def _described(self, network: nn.Module, batch: Tensor) -> str:
        """Return the mode, size, precision and layout of a forward pass."""
        mode = "training" if network.training else "evaluation"
        precision = "bfloat16" if network.training and self.compute.bfloat16 else "float32"
        layout = "contiguous" if batch.is_contiguous() else "channels_last"
        return f"images of {batch.shape[2]}x{batch.shape[3]} in {mode} mode ({precision}, {layout})"

    def _explain_difference(self, classifier: Classifier, loaded: Classifier, first: Tensor) -> None:
        """Raise a PluginError that says why a network that was saved and loaded gives other logits."""
        if not _close(first, self._logits(classifier, torch.channels_last, seed=OTHER_SEED)):
            raise PluginError(
                "in evaluation mode the same images give different logits",
                hint="use nn.Dropout instead of functional.dropout, and random numbers only in training",
            )
        if not _close(first, self._logits(loaded, torch.channels_last, seed=SEED)):
            raise PluginError(
                "a network that is saved and loaded gives other logits",
                hint="everything forward needs must be a parameter or a buffer, or be computed from the options",
            )
        raise PluginError("the logits depend on the memory layout of the images", hint=_LAYOUT_HINT)


def refuse_lazy(network: nn.Module) -> None:
    """Raise a PluginError if a parameter or buffer gets its shape from the first images only."""
    for name, tensor in (*network.named_parameters(), *network.named_buffers()):
        if nn.parameter.is_lazy(tensor):
            raise PluginError(
                f"{name} has no shape before the first images", hint="use nn.Linear, not nn.LazyLinear, and so on"
            )


def refuse_changed(before: Tensor, after: Tensor) -> None:
    """Raise a PluginError if forward has changed the images that it was given, which others use after it."""
    if not torch.equal(before, after):
        raise PluginError(
            "forward changes the images that it is given", hint="write x = 2 * x, not x *= 2, and no inplace=True on x"
        )


_LAYOUT_HINT = "images may be contiguous or channels_last in memory: use flatten or reshape, not view or as_strided"


def _close(first: Tensor, second: Tensor) -> bool:
    """Return whether logits are equal, except for rounding."""
    return bool((first - second).abs().max() <= TOLERANCE * first.abs().max() + ROUNDING)


def _save(network: nn.Module) -> bytes:
    """Return the weights of a network as they are written to a bundle."""
    try:
        return to_bytes(network.state_dict())
    except (RuntimeError, ValueError) as error:
        raise PluginError(
            f"the weights cannot be saved: {' '.join(str(error).split())[:300]}", hint=SHARED_HINT
        ) from error


SHARED_HINT = "give every tensor one name: call one module twice instead of assigning it to two attributes"


def _load(network: nn.Module, saved: bytes) -> None:
    """Load the weights of one network into another."""
    try:
        network.load_state_dict(from_bytes(saved), strict=True)
    except RuntimeError as error:
        raise PluginError(
            f"the saved weights cannot be loaded: {' '.join(str(error).split())[:300]}",
            hint="create all parameters and buffers in build, none in forward",
        ) from error
