"""The hooks. A plugin is a module with functions of these names, marked with `@zoo.hookimpl`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import pluggy

from zoo.spec import Architecture, Augmentation, Command, ExplanationMethod, Exporter, Measure, Source

hookspec = pluggy.HookspecMarker("zoo")
_marker = pluggy.HookimplMarker("zoo")
Hook = TypeVar("Hook", bound=Callable[..., object])


def hookimpl(function: Hook) -> Hook:
    """Mark a function of a plugin's module as the implementation of a hook.

    Args:
        function: A function with the name and the arguments of a hook, such as `zoo_register_models`.

    Examples:
        >>> import zoo
        >>> from zoo.spec import Architecture
        >>> @zoo.hookimpl
        ... def zoo_register_models(register):
        ...     register(Architecture(name="my_net", build="my_package.model:build", summary="my network"))
    """
    return _marker(function)


@hookspec
def zoo_register_models(register: Callable[[Architecture], None]) -> None:
    """Register architectures: call `register` with each `zoo.spec.Architecture`.

    Called once, when plugins are loaded. Do not import torch here: an architecture names its build function as text.
    """


@hookspec
def zoo_register_sources(register: Callable[[Source], None]) -> None:
    """Register data sources: call `register` with each `zoo.spec.Source`.

    Called once, when plugins are loaded. A source names the function that lists its samples as text.
    """


@hookspec
def zoo_register_augmentations(register: Callable[[Augmentation], None]) -> None:
    """Register augmentations: call `register` with each `zoo.spec.Augmentation`.

    Called once, when plugins are loaded. An augmentation names the function that changes a batch as text.
    """


@hookspec
def zoo_register_explanation_methods(register: Callable[[ExplanationMethod], None]) -> None:
    """Register explanation methods: call `register` with each `zoo.spec.ExplanationMethod`.

    Called once, when plugins are loaded. A method names the function that computes a heat map as text.
    """


@hookspec
def zoo_register_commands(register: Callable[[Command], None]) -> None:
    """Register commands: call `register` with each `zoo.spec.Command`.

    Called once, when plugins are loaded. A command names its function as text, and is imported when it runs.
    """


@hookspec
def zoo_register_exporters(register: Callable[[Exporter], None]) -> None:
    """Register formats that models are exported to: call `register` with each `zoo.spec.Exporter`.

    Called once, when plugins are loaded. A format names the functions that write and run a file as text.
    """


@hookspec
def zoo_register_measures(register: Callable[[Measure], None]) -> None:
    """Register measures of predictions: call `register` with each `zoo.spec.Measure`.

    Called once, when plugins are loaded. A measure names the function that computes it as text.
    """


@hookspec
def zoo_registry_files() -> Sequence[Path]:  # type: ignore[empty-body]
    """Return the registry files that the package contains. Called once, when plugins are loaded."""
