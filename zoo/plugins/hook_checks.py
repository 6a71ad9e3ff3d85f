"""Checks of a plugin's hooks: their names, arguments and marks, and what they return."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

import pluggy

from zoo.errors import PluginError
from zoo.plugins import hookspecs
from zoo.text import quoted

HOOKS = tuple(name for name in vars(hookspecs) if name.startswith("zoo_"))


def checked_hooks(module: object) -> pluggy.HookRelay:
    """Return the hooks of a plugin's module.

    Raise a PluginError for a hook with an unknown name or argument, or without its mark, or for no hook at all. Every
    plugin has a manager of its own, so that a broken one leaves nothing behind.
    """
    if not isinstance(module, ModuleType):
        raise PluginError(f"the entry point names {module!r}; it must name a module")
    manager = pluggy.PluginManager("zoo")
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(module)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        lines = str(error).splitlines()
        is_pending = lines[0].startswith("unknown hook")
        if wrong := None if is_pending else _wrong_arguments(module):
            raise wrong from error
        message = lines[0] if is_pending else "; ".join(dict.fromkeys((lines[0], lines[-1])))
        raise PluginError(message, hint=f"hooks are: {', '.join(HOOKS)}") from error
    for name in HOOKS:
        if inspect.isfunction(getattr(module, name, None)) and manager.parse_hookimpl_opts(module, name) is None:
            raise PluginError(
                f"{name} is not marked as a hook",
                where=line_of_function(getattr(module, name)),
                hint=f"mark {name} with @zoo.hookimpl",
            )
    if not manager.get_hookcallers(module):
        raise PluginError("the module has no hook", hint=f"hooks are: {', '.join(HOOKS)}")
    return manager.hook


def _wrong_arguments(module: ModuleType) -> PluginError | None:
    """Return an error for the first hook with an argument that it is not called with; None if there is none."""
    for name in HOOKS:
        known = list(inspect.signature(getattr(hookspecs, name)).parameters)
        function = getattr(module, name, None)
        if not inspect.isfunction(function):
            continue
        given = inspect.signature(function).parameters.values()
        if unknown := [one.name for one in given if one.name not in known and one.default is one.empty]:
            right = f"def {name}({', '.join(known)}):"
            return PluginError(
                f"{name} has the unknown argument {quoted(unknown[0])}",
                where=line_of_function(function),
                hint=f"define it as: {right}",
            )
    return None


def line_of_function(function: Any) -> str | None:
    """Return the file and line of a function; None for other objects that can be called."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code else None


def described(result: object) -> str:
    """Return a description of what a hook returned; a coroutine is closed, since nobody will await it."""
    if inspect.iscoroutine(result):
        result.close()
        return "a coroutine, since it is defined with async"
    if inspect.isgenerator(result):
        return "a generator, since it contains yield"
    return quoted(result)
