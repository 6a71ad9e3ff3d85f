"""Import the function that a spec names as text."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from zoo.errors import PluginError
from zoo.plugin_code import describe_error


def import_object(place: str, *, plugin: str) -> Callable[..., Any]:
    """Import and return the function at `module:name`; any failure is raised as a PluginError.

    Args:
        place: A module and the name of a function in it, such as "zoo_dala.model:build".
        plugin: The plugin that names the function, for the error.
    """
    function = import_named(place, plugin=plugin)
    if not callable(function):
        raise PluginError(f"{place!r} is not a function", where=plugin)
    return function  # type: ignore[no-any-return]


def import_named(place: str, *, plugin: str) -> Any:
    """Import and return the object at `module:name`; any failure is raised as a PluginError.

    Args:
        place: A module and the name of an object in it.
        plugin: The plugin that names the object, for the error.
    """
    module, _, name = place.partition(":")
    try:
        return getattr(import_module(module), name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        reason = describe_error(error, package=module)
        raise PluginError(f"{place!r} cannot be imported: {reason}", where=plugin) from error
