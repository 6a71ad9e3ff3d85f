"""Checks of what a plugin registers, made when it is loaded, so that mistakes are not found only in training."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import is_dataclass
from keyword import iskeyword
from typing import Any

from zoo.config import values as typed
from zoo.config.plugin_options import checked_options
from zoo.errors import PluginError, UsageError
from zoo.spec import Architecture, Augmentation, Exporter, Source
from zoo.text import quoted
from zoo.valid_names import is_name, name_error

_SUFFIX = re.compile(r"\.[a-z0-9]+", re.ASCII)
_FUNCTION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", re.ASCII)


def check_architecture(spec: Architecture) -> None:
    """Raise a PluginError for an option, a number of tokens or pretrained weights that are not valid."""
    check_options(spec)
    if spec.cam_tokens is not None and spec.cam_tokens < 0:
        raise PluginError(f"{spec.name}: cam_tokens must be at least 0, not {spec.cam_tokens}")
    for weights in spec.pretrained:
        check_function(spec.name, "pretrained load", weights.load)


def check_augmentation(spec: Augmentation) -> None:
    """Raise a PluginError for a negative number of draws."""
    if spec.draws < 0:
        raise PluginError(f"{spec.name}: draws must be at least 0, not {spec.draws}")


def check_exporter(spec: Exporter) -> None:
    """Raise a PluginError for a suffix, or the name of a package, that is not valid."""
    if not _SUFFIX.fullmatch(spec.suffix):
        raise PluginError(f"{spec.name}: suffix must be like '.onnx', not {quoted(spec.suffix)}")
    if wrong := [name for name in spec.needs if not name.isidentifier()]:
        raise PluginError(f"{spec.name}: needs must name packages as they are imported, not {quoted(wrong[0])}")


def check_line(name: str, key: str, text: str) -> None:
    """Raise a PluginError unless a text is one line that a terminal can show."""
    if not text.isprintable():
        raise PluginError(f"{name}: {key} must be one line of text, not {quoted(text)}")


def check_name(kind: str, name: object) -> None:
    """Raise a PluginError if the name of a plugin, or of what it registers, is not valid."""
    if not is_name(name):
        raise PluginError(name_error(kind, name))


def check_function(name: str, key: str, value: str | None) -> None:
    """Raise a PluginError if a value is neither None, in a field that may be, nor a string like `module:function`."""
    if value is not None and not _FUNCTION.fullmatch(value):
        raise PluginError(f"{name}: {key} must be a string like 'package.module:function', not {value!r}")


def check_options(spec: Architecture | Source) -> None:
    """Raise a PluginError for an option that cannot be an argument of a function, or whose default is not allowed.

    A model with such a default could be trained, but not be loaded.
    """
    for key, option in spec.options.items():
        if not key.isidentifier() or iskeyword(key):
            raise PluginError(
                f"{spec.name}: the option {quoted(key)} must be a name that an argument can have in Python"
            )
        for value in (option.default, *option.choices):
            try:
                checked_options({key: option}, {key: value}, of=spec.name)
            except UsageError as error:
                hint = "the default must be one of the choices and between the limits, and all choices of its type"
                raise PluginError(error.message, hint=hint) from error


def check_fields(spec: Any, where: str) -> None:
    """Check every field of a dataclass, and of those in it, by its declared type, which Python itself does not do."""
    for name, hint in typed.type_hints(spec.__class__).items():
        value, place = getattr(spec, name), f"{where}: {name}"
        try:
            typed.check(value, hint)
        except ValueError as error:
            raise PluginError(f"{place} {error}") from error
        if isinstance(value, Mapping):
            parts = [(f"{place} {key!r}", part) for key, part in value.items()]
        else:
            parts = [(place, part) for part in (value if isinstance(value, list | tuple) else [value])]
        for inner, part in parts:
            if is_dataclass(part):
                check_fields(part, inner)
