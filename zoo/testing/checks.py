"""What the zoo promises of every network, as checks that say what to do when one fails."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch import Tensor, nn

from zoo.classifier import Classifier, from_blueprint, from_pretrained
from zoo.errors import PluginError
from zoo.explain import grad_cam
from zoo.registry import Blueprint, outputs_for, registry
from zoo.testing.access import watched

TOLERANCE = 1e-4


@dataclass(frozen=True)
class Subject:
    """The model under test, at the size it is tested at."""

    blueprint: Blueprint

    @cached_property
    def classifier(self) -> Classifier:
        """One classifier for all checks that only read it."""
        torch.manual_seed(0)
        return from_blueprint(self.blueprint, ("a", "b")).eval()

    @cached_property
    def outputs(self) -> int:
        """How many outputs two classes take."""
        return outputs_for(2, self.blueprint.entry.head)

    def batch(self, count: int = 2, *, shrink: int = 1) -> Tensor:
        """Some noise of the declared size, or a part of it."""
        size = self.blueprint.preprocessing
        shape = (count, 3, size.height // shrink, size.width // shrink)
        return torch.randn(shape, generator=torch.Generator().manual_seed(1))

    def run(self, network: nn.Module, x: Tensor) -> Tensor:
        """Logits without gradients."""
        with torch.no_grad():
            logits: Tensor = network(x)
        return logits


Check = Callable[[Subject], None]


def registers_without_torch(subject: Subject) -> None:
    """Registering imports neither torch nor anything else that is slow."""
    plugin = registry().plugins.owner(subject.blueprint.architecture.name)
    code = f"import sys, importlib; importlib.import_module({plugin.module!r}); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    heavy = {"torch", "torchvision", "timm", "sklearn", "gradio"} & set(done.stdout.split())
    if heavy:
        raise PluginError(
            f"importing {plugin.module} imports {', '.join(sorted(heavy))}",
            hint="register names as text (build='package.module:build') and import torch in that module",
        )


def declares_sane_preprocessing(subject: Subject) -> None:
    """Sizes are positive, and so are the deviations."""
    seen = subject.blueprint.preprocessing
    if min(seen.height, seen.width) < 1 or min(seen.std) <= 0 or len(seen.mean) != 3 or len(seen.std) != 3:
        raise PluginError(f"the preprocessing cannot be: {seen}", hint="give sizes, and mean and std of three channels")


def builds_without_access(subject: Subject) -> None:
    """Building touches neither files nor the network."""
    subject.blueprint.build(2)  # the first build imports modules, which reads their files
    with watched() as touched:
        subject.blueprint.build(2)
    if touched:
        raise PluginError(
            f"building touches {touched[0]}",
            hint="build with fresh weights; public weights are declared as Architecture(pretrained=...)",
        )


def has_declared_parameters(subject: Subject) -> None:
    """The count in the registry row is the network's."""
    counted = sum(parameter.numel() for parameter in subject.classifier.parameters())
    declared = subject.blueprint.entry.parameters
    if declared is not None and counted != declared:
        raise PluginError(
            f"{counted:,} parameters with two classes, and its row declares {declared:,}",
            hint=f"write parameters: {counted}, or find what is missing",
        )


def options_survive_json(subject: Subject) -> None:
    """Options come back from a bundle's config.json as they were."""
    options = dict(subject.blueprint.options)
    if json.loads(json.dumps(options)) != options:
        raise PluginError(f"the options change on their way through JSON: {options}", hint="use text and numbers")


def gives_logits(subject: Subject) -> None:
    """One finite row of outputs for each image."""
    logits = subject.run(subject.classifier, subject.batch())
    if tuple(logits.shape) != (2, subject.outputs):
        raise PluginError(
            f"two images give {tuple(logits.shape)}, not (2, {subject.outputs})",
            hint="forward returns one row of num_outputs logits for each image",
        )
    if not torch.isfinite(logits).all():
        raise PluginError("logits are not finite on plain noise", hint="look at the initialisation")


def is_deterministic(subject: Subject) -> None:
    """In eval mode, the same input gives the same bits."""
    x = subject.batch()
    if not torch.equal(subject.run(subject.classifier, x), subject.run(subject.classifier, x)):
        raise PluginError("in eval mode the same input gives different outputs", hint="use nn.Dropout, not F.dropout")


def ignores_neighbours(subject: Subject) -> None:
    """In eval mode, an image's output does not depend on the rest of its batch."""
    x = subject.batch()
    together, alone = subject.run(subject.classifier, x)[:1], subject.run(subject.classifier, x[:1])
    if not torch.allclose(together, alone, atol=TOLERANCE, rtol=TOLERANCE):
        raise PluginError(
            "in eval mode an image's output depends on the other images of its batch",
            hint="nothing may be averaged over the batch dimension but by nn.BatchNorm",
        )


def trains_every_parameter(subject: Subject) -> None:
    """A gradient reaches everything that is trained."""
    torch.manual_seed(0)
    network = subject.blueprint.build(2).train()
    network(subject.batch(4)).square().sum().backward()
    for name, parameter in network.named_parameters():
        if parameter.requires_grad and (parameter.grad is None or not parameter.grad.any()):
            raise PluginError(
                f"no gradient reaches {name}",
                hint="use it in forward, or set requires_grad=False if it is not meant to be trained",
            )
        if parameter.grad is not None and not torch.isfinite(parameter.grad).all():
            raise PluginError(f"the gradient of {name} is not finite", hint="look at the initialisation")


def bundle_comes_back(subject: Subject) -> None:
    """Saved and loaded again, it gives the same bits."""
    x = subject.batch()
    with TemporaryDirectory() as folder:
        loaded = from_pretrained(subject.classifier.save(Path(folder) / "bundle"))
    if not torch.equal(subject.run(subject.classifier, x), subject.run(loaded, x)):
        raise PluginError(
            "a saved network gives other outputs when it is loaded",
            hint="what forward needs must be a parameter or a buffer, or follow from the options",
        )


def has_activation_map(subject: Subject) -> None:
    """The layer for the class-activation map exists, and its map has two dimensions."""
    architecture = subject.blueprint.architecture
    if architecture.cam_layer is None:
        raise PluginError("it names no layer for the class-activation map", hint="give Architecture(cam_layer=...)")
    network = subject.classifier.network
    heat = grad_cam(network, architecture.cam_layer, subject.batch(), tokens=architecture.cam_tokens)
    if heat.ndim != 3 or min(heat.shape[1:]) < 2:
        raise PluginError(
            f"the layer {architecture.cam_layer!r} gives a map of {tuple(heat.shape[1:])}",
            hint="name a layer before the pooling, whose output still has height and width",
        )


def takes_another_size(subject: Subject) -> None:
    """It works on images of half the size."""
    try:
        logits = subject.run(subject.classifier, subject.batch(shrink=2))
    except (RuntimeError, ValueError, AssertionError) as error:
        raise PluginError(
            f"images of half the size fail: {error}", hint="pool to one place before the last layer"
        ) from error
    if tuple(logits.shape) != (2, subject.outputs):
        raise PluginError(f"images of half the size give {tuple(logits.shape)}", hint="pool before the last layer")


def takes_other_classes(subject: Subject) -> None:
    """It works with five classes, where its head can tell so many apart."""
    if subject.blueprint.entry.head == "sigmoid":
        return
    logits = subject.run(subject.blueprint.build(5).eval(), subject.batch())
    if tuple(logits.shape) != (2, 5):
        raise PluginError(
            f"with five classes it gives {tuple(logits.shape)}", hint="use num_outputs for the last layer"
        )


CHECKS: tuple[Check, ...] = (
    registers_without_torch,
    declares_sane_preprocessing,
    builds_without_access,
    has_declared_parameters,
    options_survive_json,
    gives_logits,
    is_deterministic,
    ignores_neighbours,
    trains_every_parameter,
    bundle_comes_back,
    has_activation_map,
    takes_another_size,
    takes_other_classes,
)


def subject_of(name: str, *, height: int | None, width: int | None) -> Subject:
    """The model of a name, at its declared size or a smaller one where time demands it."""
    blueprint = registry().model(name)
    declared = blueprint.preprocessing
    size = replace(declared, height=height or declared.height, width=width or declared.width)
    return Subject(replace(blueprint, preprocessing=size))
