"""The model under test, and the image size it is tested at."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor, nn

from zoo.classifier import BundleConfig, Classifier, from_blueprint
from zoo.errors import PluginError
from zoo.plugin_code import error_text, line_of
from zoo.registry import Blueprint, outputs_for, registry
from zoo.testing.file_access import record_access
from zoo.testing.trial import refuse_changed, refuse_lazy


@dataclass(frozen=True)
class Rebuilt:
    """The result of building the network a second time from the same seed."""

    accesses: tuple[str, ...]
    """Descriptions of the files, programs and connections that were opened."""
    identical: bool
    """Whether all weights are the same as in the first network."""


@dataclass(frozen=True)
class Case:
    """The model under test: its blueprint, and what several checks compute from it."""

    blueprint: Blueprint

    @cached_property
    def classifier(self) -> Classifier:
        """A classifier of two classes, shared by all checks that do not change it."""
        torch.manual_seed(0)
        classifier = from_blueprint(self.blueprint, ("a", "b")).eval()
        refuse_lazy(classifier.network)
        return classifier

    def new(self, *, seed: int) -> nn.Module:
        """Return a new network for two classes, whose weights are drawn from a seed."""
        torch.manual_seed(seed)
        network = self.blueprint.build(2)
        refuse_lazy(network)
        return network

    @cached_property
    def rebuilt(self) -> Rebuilt:
        """The outcome of a second build; the first one imports modules, which reads their files."""
        first = self.classifier.network.state_dict()
        torch.manual_seed(0)
        with record_access() as accesses:
            network = self.blueprint.build(2)
        second = network.state_dict()
        identical = first.keys() == second.keys() and all(torch.equal(first[key], second[key]) for key in first)
        return Rebuilt(tuple(accesses), identical)

    @cached_property
    def outputs(self) -> int:
        """The number of outputs for two classes."""
        return outputs_for(2, self.blueprint.entry.head)

    @cached_property
    def logits(self) -> Tensor:
        """The classifier's logits for a batch of two images."""
        return self.run(self.classifier, self.batch())

    def batch(self, count: int = 2, *, scale: float = 1) -> Tensor:
        """Return images of noise, at the size under test times `scale`."""
        size = self.blueprint.preprocessing
        shape = (count, 3, int(size.height * scale), int(size.width * scale))
        return torch.randn(shape, generator=torch.Generator().manual_seed(1))

    def forward(self, network: nn.Module, x: Tensor) -> Tensor:
        """Return the logits; an error in forward is reported with the line of the plugin's code."""
        before = x.detach().clone()
        try:
            logits = network(x)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            package = self.blueprint.architecture.build
            raise PluginError(
                f"forward fails on images of {x.shape[2]}x{x.shape[3]}: {error_text(error)}",
                where=line_of(error, package=package) or _innermost_line(error),
                hint="forward takes N x 3 x height x width and returns N x num_outputs",
            ) from error
        refuse_changed(before, x.detach())
        if not isinstance(logits, Tensor):
            raise PluginError(f"forward returns a {type(logits).__name__}, not a tensor", hint="return only the logits")
        return logits

    def run(self, network: nn.Module, x: Tensor) -> Tensor:
        """Return the logits, computed without gradients and from the same random seed each time."""
        torch.manual_seed(2)
        with torch.no_grad():
            return self.forward(network, x)


def _innermost_line(error: BaseException) -> str:
    """Return the file and line that raised an error, for one that no line of the plugin's package is a part of."""
    frame, line = list(traceback.walk_tb(error.__traceback__))[-1]
    return f"{frame.f_code.co_filename}:{line}"


def make_case(name: str, *, height: int | None, width: int | None) -> Case:
    """Return the model of a name, at its declared size or at the given one."""
    blueprint = registry().model(name)
    declared = blueprint.preprocessing
    size = replace(declared, height=height or declared.height, width=width or declared.width)
    return Case(replace(blueprint, preprocessing=size))


def bundle_case(config: BundleConfig) -> Case:
    """Return the model that a bundle describes: with its options, its head and its preprocessing."""
    row = registry().row_or_architecture(config.entry, config.architecture)
    described = row.with_options(config.options)
    same = described.options == row.options
    entry = replace(row.entry, head=config.head, parameters=row.entry.parameters if same else None)
    return Case(replace(described, entry=entry, preprocessing=config.preprocessing))
