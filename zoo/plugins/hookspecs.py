"""The hooks. A plugin is a module with functions of these names, marked `@zoo.hookimpl`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pluggy

from zoo.spec import Architecture, Source

hookspec = pluggy.HookspecMarker("zoo")
hookimpl = pluggy.HookimplMarker("zoo")


@hookspec
def zoo_register_models(register: Callable[[Architecture], None]) -> None:
    """Called once, when plugins are loaded. Call `register` with each `zoo.spec.Architecture`.

    Import no torch here: an architecture names the function that builds it as text.
    """


@hookspec
def zoo_register_sources(register: Callable[[Source], None]) -> None:
    """Called once, when plugins are loaded. Call `register` with each `zoo.spec.Source`.

    A source names the function that lists its samples as text.
    """


@hookspec
def zoo_registry_files() -> Sequence[Path]:  # type: ignore[empty-body]
    """Called once, when plugins are loaded. Return the registry files that your package ships."""
