"""Dataclasses as plain values that JSON and YAML can hold, and back, checked by their declared types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from types import NoneType
from typing import Any, TypeVar, get_args

from zoo.config.values import check, type_hints

Kind = TypeVar("Kind")


def plain(value: Any) -> Any:
    """Return a dataclass as a dictionary, a tuple as a list, a path as text, and what they hold likewise."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value


def from_plain(kind: type[Kind], document: Any, *, key: str = "") -> Kind:
    """Return the dataclass that `plain` was given; a ValueError names the key that is missing, unknown or wrong."""
    if not isinstance(document, Mapping):
        raise ValueError(f"{key or 'the document'} must be a mapping of names to values, not {document!r:.80}")
    hints = type_hints(kind)  # type: ignore[arg-type]
    known = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    if unknown := [name for name in document if name not in known]:
        raise ValueError(f"unknown key {_join(key, unknown[0])!r}")
    made = {}
    for name, field in known.items():
        if name in document:
            made[name] = _value(hints[name], document[name], _join(key, name))
        elif field.default is MISSING and field.default_factory is MISSING:
            raise ValueError(f"the key {_join(key, name)!r} is missing")
    return kind(**made)


def _value(hint: Any, value: Any, key: str) -> Any:
    nested = next((one for one in (hint, *get_args(hint)) if is_dataclass(one)), None)
    if nested is not None and not (value is None and NoneType in get_args(hint)):
        return from_plain(nested, value, key=key)  # type: ignore[arg-type]
    try:
        return check(value, hint)
    except ValueError as error:
        raise ValueError(f"{key} {error}") from error


def _join(key: str, name: object) -> str:
    return f"{key}.{name}" if key else str(name)
