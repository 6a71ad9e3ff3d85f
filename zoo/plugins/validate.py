"""Checks of what a plugin registers, made when it is loaded, so that mistakes are not found only in training."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from keyword import iskeyword
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin

from zoo.config import values as typed
from zoo.config.plugin_options import checked_options
from zoo.errors import PluginError, UsageError
from zoo.spec import Architecture, Augmentation, Command, ExplanationMethod, Exporter, Measure, Option, Source
from zoo.text import quoted
from zoo.valid_names import is_name, name_error

Kind = TypeVar("Kind")
_SUFFIX = re.compile(r"\.[a-z0-9]+", re.ASCII)
_FUNCTION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*", re.ASCII)


def check_architecture(spec: Any) -> Architecture:
    """Return an Architecture unchanged; raise a PluginError that names a field with an invalid value."""
    architecture = _checked(spec, Architecture, "zoo_register_models", functions=("build",), lines=("summary",))
    _check_options(architecture.name, architecture.options)
    if architecture.cam_tokens is not None and architecture.cam_tokens < 0:
        raise PluginError(f"{architecture.name}: cam_tokens must be at least 0, not {architecture.cam_tokens}")
    for weights in architecture.pretrained:
        _check_function(architecture.name, "pretrained load", weights.load)
    return architecture


def check_source(spec: Any) -> Source:
    """Return a Source unchanged; raise a PluginError that names a field with an invalid value."""
    source = _checked(spec, Source, "zoo_register_sources", functions=("read",), lines=("summary",))
    if source.recognize is not None:
        _check_function(source.name, "recognize", source.recognize)
    _check_options(source.name, source.options)
    return source


def check_augmentation(spec: Any) -> Augmentation:
    """Return an Augmentation unchanged; raise a PluginError that names a field with an invalid value."""
    hook = "zoo_register_augmentations"
    augmentation = _checked(spec, Augmentation, hook, functions=("apply",), lines=("summary",))
    if augmentation.draws < 0:
        raise PluginError(f"{augmentation.name}: draws must be at least 0, not {augmentation.draws}")
    return augmentation


def check_explanation_method(spec: Any) -> ExplanationMethod:
    """Return an ExplanationMethod unchanged; raise a PluginError that names a field with an invalid value."""
    hook = "zoo_register_explanation_methods"
    return _checked(spec, ExplanationMethod, hook, functions=("explain",), lines=("title", "summary"))


def check_command(spec: Any) -> Command:
    """Return a Command unchanged; raise a PluginError that names a field with an invalid value."""
    return _checked(spec, Command, "zoo_register_commands", functions=("command",), lines=("summary",))


def check_measure(spec: Any) -> Measure:
    """Return a Measure unchanged; raise a PluginError that names a field with an invalid value."""
    lines = ("title", "summary", "no_interval")
    return _checked(spec, Measure, "zoo_register_measures", functions=("measure",), lines=lines)


def check_exporter(spec: Any) -> Exporter:
    """Return an Exporter unchanged; raise a PluginError that names a field with an invalid value."""
    lines = ("title", "summary", "runs_with")
    exporter = _checked(spec, Exporter, "zoo_register_exporters", functions=("write", "run"), lines=lines)
    if not _SUFFIX.fullmatch(exporter.suffix):
        raise PluginError(f"{exporter.name}: suffix must be like '.onnx', not {quoted(exporter.suffix)}")
    if wrong := [name for name in exporter.needs if not name.isidentifier()]:
        raise PluginError(f"{exporter.name}: needs must name packages as they are imported, not {quoted(wrong[0])}")
    return exporter


def _checked(spec: Any, kind: type[Kind], hook: str, *, functions: Sequence[str], lines: Sequence[str] = ()) -> Kind:
    """Return what a plugin registers if its kind, its name and all its fields are valid.

    Args:
        spec: The object.
        kind: Its kind.
        hook: The hook that it was registered by.
        functions: The fields that name a function.
        lines: The fields that are one line of text.
    """
    if not isinstance(spec, kind):
        raise PluginError(f"{hook}: {spec!r} must be a zoo.spec.{kind.__name__}")
    name: Any = getattr(spec, "name", None)
    check_name(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind.__name__).lower(), name)
    _check_fields(spec, name)
    for key in functions:
        _check_function(name, key, getattr(spec, key))
    for key in lines:
        _check_line(name, key, getattr(spec, key))
    return spec


def _check_line(name: str, key: str, text: str) -> None:
    """Raise a PluginError unless a text is one line that a terminal can show."""
    if not text.isprintable():
        raise PluginError(f"{name}: {key} must be one line of text, not {quoted(text)}")


def check_name(kind: str, name: object) -> None:
    """Raise a PluginError if the name of a plugin, or of what it registers, is not valid."""
    if not is_name(name):
        raise PluginError(name_error(kind, name))


def _check_function(name: str, key: str, value: Any) -> None:
    """Raise a PluginError if a value is not a string like `module:function`."""
    if not isinstance(value, str) or not _FUNCTION.fullmatch(value):
        raise PluginError(f"{name}: {key} must be a string like 'package.module:function', not {value!r}")


def _check_options(name: str, options: Mapping[str, Option]) -> None:
    """Raise a PluginError for an option that cannot be an argument of a function, or whose default is not allowed.

    A model with such a default could be trained, but not be loaded.
    """
    for key, option in options.items():
        if not key.isidentifier() or iskeyword(key):
            raise PluginError(f"{name}: the option {quoted(key)} must be a name that an argument can have in Python")
        for value in (option.default, *option.choices):
            try:
                checked_options({key: option}, {key: value}, of=name)
            except UsageError as error:
                hint = "the default must be one of the choices and between the limits, and all choices of its type"
                raise PluginError(error.message, hint=hint) from error


def _check_fields(spec: Any, where: str) -> None:
    """Check the value of every field of a dataclass by its declared type, which Python itself does not do."""
    for name, hint in typed.type_hints(spec.__class__).items():
        _check_value(getattr(spec, name), hint, f"{where}: {name}")


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
        for key, entry in value.items():
            _check_value(entry, item, f"{where} {key!r}")
    elif get_origin(hint) is tuple and is_dataclass(item):
        if not isinstance(value, tuple):
            raise PluginError(f"{where} must be a tuple, not {value!r}")
        for entry in value:
            _check_value(entry, item, where)
    else:
        try:
            typed.check(value, hint)
        except ValueError as error:
            raise PluginError(f"{where} {error}") from error
