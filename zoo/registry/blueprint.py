"""Everything that is known about a model before it is built, and the building of its network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from zoo.config import values as typed
from zoo.config.plugin_options import checked_options
from zoo.errors import PluginError, UsageError, look_up
from zoo.imports import import_object
from zoo.plugin_code import describe_error
from zoo.spec import Architecture, Entry, Preprocessing, Scalar

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, kw_only=True)
class HeatMapLayer:
    """The layer that a heat map is computed from."""

    layer: str | None
    """Its name, as in `named_modules`; None if none is declared."""
    tokens: int | None
    """For a layer that returns tokens, how many of the first are not image patches; None for one that returns a map."""


@dataclass(frozen=True, kw_only=True)
class Blueprint:
    """An entry of a registry file joined with its architecture: everything needed to build the network."""

    entry: Entry
    architecture: Architecture
    plugin: str
    """The plugin that registers the architecture, with its package and version."""
    options: Mapping[str, Scalar]
    preprocessing: Preprocessing

    @property
    def name(self) -> str:
        """The name of the model, as users type it."""
        return self.entry.name

    @property
    def summary(self) -> str:
        """One line that says what the model is."""
        return self.entry.summary or self.architecture.summary

    @property
    def heat_map(self) -> HeatMapLayer:
        """The layer that the heat map is computed from: the row's, or else the architecture's."""
        row, architecture = self.entry, self.architecture
        if row.cam_layer is not None or row.cam_tokens is not None:
            return HeatMapLayer(layer=row.cam_layer or architecture.cam_layer, tokens=row.cam_tokens)
        return HeatMapLayer(layer=architecture.cam_layer, tokens=architecture.cam_tokens)

    def with_options(self, changes: Mapping[str, Scalar]) -> Blueprint:
        """Return a copy with some of the architecture's options changed."""
        chosen = checked_options(self.architecture.options, changes, of=self.name)
        return replace(self, options={**self.options, **chosen})

    def build(self, classes: int) -> nn.Module:
        """Return a network with fresh weights for this number of classes."""
        outputs = outputs_for(classes, self.entry.head)
        return build_network(self.architecture, outputs, self.options, plugin=self.plugin)


def outputs_for(classes: int, head: str) -> int:
    """Return how many outputs a network needs for this number of classes."""
    if classes < 2:
        raise UsageError(f"a classifier needs at least two classes, not {classes}")
    if head == "sigmoid" and classes != 2:
        raise UsageError(f"a sigmoid head needs exactly two classes, not {classes}")
    return 1 if head == "sigmoid" else classes


def build_network(architecture: Architecture, outputs: int, options: Mapping[str, Scalar], *, plugin: str) -> nn.Module:
    """Call the plugin's build function and return its network; an error in it is raised as a PluginError."""
    from torch import nn

    build = import_object(architecture.build, plugin=plugin)
    try:
        network = build(outputs, **options)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        reason = f"could not build {architecture.name}: {describe_error(error, package=architecture.build)}"
        arguments = ", ".join(["num_outputs", *(f"{name}={value!r}" for name, value in options.items())])
        raise PluginError(
            f"{architecture.build} {reason}", where=plugin, hint=f"it is called as build({arguments})"
        ) from error
    if not isinstance(network, nn.Module):
        raise PluginError(f"{architecture.build} returned {type(network).__name__}, not an nn.Module", where=plugin)
    return network


def changed_preprocessing(base: Preprocessing, changes: Mapping[str, Any], *, of: str) -> Preprocessing:
    """Return preprocessing with some fields changed, each checked by its declared type."""
    hints = typed.type_hints(Preprocessing)
    for name, value in changes.items():
        hint = look_up(f"preprocessing of {of}", name, hints)
        try:
            typed.check(value, hint)
        except ValueError as error:
            raise UsageError(f"{of}: preprocessing {name} {error}") from error
    return replace(base, **changes)
