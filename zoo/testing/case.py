"""The model under test, at the size it is tested at."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, replace
from functools import cached_property
from types import FrameType

import torch
from torch import Tensor, nn

from zoo.classifier import Classifier, from_blueprint
from zoo.errors import PluginError
from zoo.registry import Blueprint, outputs_for, registry
from zoo.testing.file_access import record_opened


@dataclass(frozen=True)
class Rebuilt:
    """What was seen while the network was built once more from the same seed."""

    touched: tuple[str, ...]
    same: bool


@dataclass(frozen=True)
class Subject:
    """A blueprint, and what all checks need of it."""

    blueprint: Blueprint

    @cached_property
    def classifier(self) -> Classifier:
        """One classifier for all checks that only read it."""
        torch.manual_seed(0)
        return from_blueprint(self.blueprint, ("a", "b")).eval()

    @cached_property
    def rebuilt(self) -> Rebuilt:
        """A second build: the first one imports modules, which reads their files."""
        first = self.classifier.network.state_dict()
        torch.manual_seed(0)
        with record_opened() as touched:
            network = self.blueprint.build(2)
        second = network.state_dict()
        same = first.keys() == second.keys() and all(torch.equal(first[key], second[key]) for key in first)
        return Rebuilt(tuple(touched), same)

    @cached_property
    def outputs(self) -> int:
        """How many outputs two classes take."""
        return outputs_for(2, self.blueprint.entry.head)

    @cached_property
    def logits(self) -> Tensor:
        """What the classifier gives for a plain batch of two."""
        return self.run(self.classifier, self.batch())

    def batch(self, count: int = 2, *, scale: float = 1) -> Tensor:
        """Some noise of the size under test, or of a part or a multiple of it."""
        size = self.blueprint.preprocessing
        shape = (count, 3, int(size.height * scale), int(size.width * scale))
        return torch.randn(shape, generator=torch.Generator().manual_seed(1))

    def forward(self, network: nn.Module, x: Tensor) -> Tensor:
        """Logits; what goes wrong on the way is told with the plugin's own line."""
        try:
            logits = network(x)
        except Exception as error:
            raise PluginError(
                f"forward fails on images of {x.shape[2]}x{x.shape[3]}: {type(error).__name__}: {error}",
                where=self._line(error),
                hint="forward takes N x 3 x height x width and returns N x num_outputs",
            ) from error
        if not isinstance(logits, Tensor):
            raise PluginError(
                f"forward returns a {type(logits).__name__}, not a tensor", hint="return the logits alone"
            )
        return logits

    def run(self, network: nn.Module, x: Tensor) -> Tensor:
        """Logits without gradients, with the same draws each time; whether it draws at all is a check of its own."""
        torch.manual_seed(2)
        with torch.no_grad():
            return self.forward(network, x)

    def _line(self, error: Exception) -> str:
        """The deepest line of the plugin's package that an error passed, or else of anybody's."""
        package = self.blueprint.architecture.build.partition(":")[0].partition(".")[0]
        steps = [(frame.f_globals.get("__name__", ""), frame, line) for frame, line in _steps(error)]
        own = [step for step in steps if step[0].partition(".")[0] == package]
        _, frame, line = (own or steps)[-1]
        return f"{frame.f_code.co_filename}:{line}"


def _steps(error: Exception) -> list[tuple[FrameType, int]]:
    return list(traceback.walk_tb(error.__traceback__))


def subject_of(name: str, *, height: int | None, width: int | None) -> Subject:
    """The model of a name, at its declared size or a smaller one where time demands it."""
    blueprint = registry().model(name)
    declared = blueprint.preprocessing
    size = replace(declared, height=height or declared.height, width=width or declared.width)
    return Subject(replace(blueprint, preprocessing=size))
