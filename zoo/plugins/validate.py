"""Check what a plugin registers when it is loaded, so that a mistake is not found only in training."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import is_dataclass
from types import NoneType, UnionType
from typing import Any, get_args, get_origin

from zoo.config import values as typed
from zoo.errors import PluginError
from zoo.spec import NAME, Architecture, Source

_FUNCTION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", re.ASCII)


def check_architecture(thing: Any) -> Architecture:
    """Return an Architecture whose fields have their declared types; a PluginError names the first that has not."""
    _check_kind(thing, Architecture, "zoo_register_models")
    architecture: Architecture = thing
    _check_fields(thing, thing.name)
    _check_function(thing.name, "build", thing.build)
    for one in architecture.pretrained:
        _check_function(thing.name, "pretrained load", one.load)
    return architecture


def check_source(thing: Any) -> Source:
    """Return a Source whose fields have their declared types; a PluginError names the first that has not."""
    _check_kind(thing, Source, "zoo_register_sources")
    source: Source = thing
    _check_fields(thing, thing.name)
    _check_function(thing.name, "read", thing.read)
    return source


def _check_kind(thing: Any, kind: type, where: str) -> None:
    """Raise a PluginError if a thing is not of a kind, or has an invalid name."""
    if not isinstance(thing, kind):
        raise PluginError(f"{where}: {thing!r} must be a zoo.spec.{kind.__name__}")
    name = getattr(thing, "name", "x")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise PluginError(f"{where}: the name {name!r} must be letters, digits, '_', '.' and '-'")


def _check_function(name: str, what: str, place: Any) -> None:
    """Raise a PluginError if a place is not text like `module:function`."""
    if not isinstance(place, str) or not _FUNCTION.fullmatch(place):
        raise PluginError(f"{name}: {what} must be text like 'package.module:function', not {place!r}")


def _check_fields(thing: Any, where: str) -> None:
    """Check every field of a dataclass by its declared type, which Python itself does not do."""
    for name, hint in typed.type_hints(thing.__class__).items():
        _check_value(getattr(thing, name), hint, f"{where}: {name}")


def _check_value(value: Any, hint: Any, where: str) -> None:
    """Raise a PluginError if a value is not of its declared type."""
    kinds = [kind for kind in get_args(hint) if kind is not NoneType]
    if get_origin(hint) is UnionType and len(kinds) == 1:
        if value is not None:
            _check_value(value, kinds[0], where)
        return
    item = get_args(hint)[-1] if get_origin(hint) is Mapping else next(iter(get_args(hint)), None)
    if is_dataclass(hint):
        if not isinstance(value, hint):  # type: ignore[arg-type]
            raise PluginError(f"{where} must be a zoo.spec.{hint.__name__}, not {value!r}")  # type: ignore[union-attr]
        _check_fields(value, where)
    elif get_origin(hint) is Mapping:
        if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
            raise PluginError(f"{where} must be a mapping of names to values, not {value!r}")
        for key, one in value.items():
            _check_value(one, item, f"{where} {key!r}")
    elif get_origin(hint) is tuple and is_dataclass(item):
        if not isinstance(value, tuple):
            raise PluginError(f"{where} must be a tuple, not {value!r}")
        for one in value:
            _check_value(one, item, where)
    else:
        try:
            typed.check(value, hint)
        except ValueError as error:
            raise PluginError(f"{where} {error}") from error
