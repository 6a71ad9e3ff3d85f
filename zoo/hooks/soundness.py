"""What a plugin registers is what it should be: told at once, not when somebody trains with it."""

from __future__ import annotations

import re
from typing import Any

from zoo.errors import PluginError
from zoo.spec import Architecture, Option, Preprocessing, Pretrained, Source

_NAME = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)
_FUNCTION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", re.ASCII)


def check_architecture(thing: Any) -> Architecture:
    """An Architecture with a name, a function to build it, and options that are options."""
    _check_kind(thing, Architecture, "zoo_register_models")
    architecture: Architecture = thing
    _check_function(thing.name, "build", thing.build)
    _check_options(thing.name, thing.options)
    _check_kind(thing.preprocessing, Preprocessing, f"{thing.name}: preprocessing")
    for one in thing.pretrained:
        _check_kind(one, Pretrained, f"{thing.name}: pretrained")
        _check_function(thing.name, "pretrained load", one.load)
    return architecture


def check_source(thing: Any) -> Source:
    """A Source with a name, a function to read it, and options that are options."""
    _check_kind(thing, Source, "zoo_register_sources")
    source: Source = thing
    _check_function(thing.name, "read", thing.read)
    _check_options(thing.name, thing.options)
    return source


def _check_kind(thing: Any, kind: type, where: str) -> None:
    if not isinstance(thing, kind):
        raise PluginError(f"{where}: {thing!r} must be a zoo.spec.{kind.__name__}")
    name = getattr(thing, "name", "x")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise PluginError(f"{where}: the name {name!r} must be letters, digits, '_', '.' and '-'")


def _check_function(name: str, what: str, place: Any) -> None:
    if not isinstance(place, str) or not _FUNCTION.fullmatch(place):
        raise PluginError(f"{name}: {what} must be text like 'package.module:function', not {place!r}")


def _check_options(name: str, options: Any) -> None:
    for key, option in dict(options).items():
        if not isinstance(option, Option):
            raise PluginError(f"{name}: the option {key!r} must be a zoo.spec.Option, not {option!r}")
