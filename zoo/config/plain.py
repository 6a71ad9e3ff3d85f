"""Dataclasses as plain values, as JSON and YAML hold them, and plain values read into dataclasses by declared type."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, NoneType, UnionType
from typing import TYPE_CHECKING, Any, TypeVar, Union, get_args, get_origin

from zoo.config import values as typed
from zoo.config.fields import is_setting
from zoo.text import LONGEST, cut_short, quoted

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Made = TypeVar("Made", bound=DataclassInstance)
else:
    Made = TypeVar("Made")

MOST = 2**63
"""The largest whole number in a document; a mean or a share of larger ones might overflow."""
OPTIONAL: Mapping[str, bool] = MappingProxyType({"optional": True})
"""Metadata of a field that a document may lack, which then has its default; no key is written for None.

`zoo.spec`, which is below this package, writes it out.
"""
INLINE: Mapping[str, bool] = MappingProxyType({"inline": True})
"""Metadata of a field that is a dataclass: the document has its keys in place of the field."""


def plain(value: Any) -> Any:
    """Return dataclasses, mappings and sequences as dictionaries and lists, paths as strings, and others unchanged."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _plain_fields(value)
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value


def from_plain(kind: type[Made], values: Any, *, key: str = "") -> Made:
    """Return a dataclass read from the plain values that `plain` made of one.

    Reading is strict: every field is required, even with a default; a key that is not a field is an error; each value
    must have the type that its field declares. Only settings and fields declared as OPTIONAL may be missing; a setting
    that a document of an older version lacks has its default.

    Args:
        kind: The dataclass. Its fields may be scalars, literals, tuples, mappings, other dataclasses, or one of these
            or None.
        values: A mapping of names to values.
        key: Where in a document the values are, such as `training`; errors name it.

    Raises:
        ValueError: A key is missing or unknown, or a value has the wrong type; the message names the key.
    """
    if not isinstance(values, Mapping):
        raise ValueError(_must_be("a mapping of names to values", values, key))
    _check_keys(kind, values, key)
    hints = typed.type_hints(kind)
    read: dict[str, Any] = {}
    for field in dataclasses.fields(kind):
        hint = hints[field.name]
        if field.metadata == INLINE:
            own = {name: values[name] for name in _keys(hint) if name in values}
            read[field.name] = from_plain(hint, own, key=key)
        elif field.name in values:
            read[field.name] = _read(hint, values[field.name], _inner(key, field.name))
    try:
        return kind(**read)
    except ValueError as error:
        raise ValueError(f"{key}: {error}" if key else str(error)) from error


def _plain_fields(value: DataclassInstance) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for field in dataclasses.fields(value):
        item = getattr(value, field.name)
        if field.metadata == INLINE:
            document |= plain(item)
        elif item is not None or field.metadata != OPTIONAL:
            document[field.name] = plain(item)
    return document


def _keys(kind: type[DataclassInstance]) -> dict[str, bool]:
    """Return the keys of a document, in their order, and whether each is required."""
    keys: dict[str, bool] = {}
    for field in dataclasses.fields(kind):
        if field.metadata == INLINE:
            keys |= _keys(typed.type_hints(kind)[field.name])
        else:
            keys[field.name] = field.metadata != OPTIONAL and not is_setting(field)
    return keys


def _check_keys(kind: type[DataclassInstance], values: Mapping[Any, Any], key: str) -> None:
    """Raise a ValueError that names the missing and the unknown keys."""
    keys = _keys(kind)
    missing = [_inner(key, name) for name, required in keys.items() if required and name not in values]
    unknown = [_inner(key, name) for name in values if name not in keys]
    problems = [
        f"{cut_short(names, 4)} {'is' if len(names) == 1 else 'are'} {what}"
        for names, what in ((missing, "missing"), (unknown, "unknown"))
        if names
    ]
    if problems:
        raise ValueError("; ".join(problems))


def _read(hint: Any, value: Any, key: str) -> Any:
    """Return a value as its declared type."""
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return from_plain(hint, value, key=key)
    if get_origin(hint) in (Union, UnionType) and any(map(_is_nested, get_args(hint))):
        return None if value is None else _read(_only_kind(hint), value, key)
    if get_origin(hint) is Mapping:
        return _read_mapping(hint, value, key)
    if get_origin(hint) is tuple:
        return _read_tuple(hint, value, key)
    try:
        checked = typed.check(value, hint)
        if isinstance(checked, int) and abs(checked) > MOST:
            raise ValueError(f"must be a whole number from -2^63 to 2^63, not {quoted(checked)}")
        return checked
    except (ValueError, OverflowError) as error:  # an integer may be too large for a float
        raise ValueError(f"{key} {error}") from error


def _is_nested(hint: Any) -> bool:
    """Return whether values of this type contain others that errors should name by their own keys."""
    return dataclasses.is_dataclass(hint) or get_origin(hint) in (Mapping, tuple)


def _only_kind(hint: Any) -> Any:
    """Return the type of a union that is not None."""
    (kind,) = (kind for kind in get_args(hint) if kind is not NoneType)
    return kind


def _read_mapping(hint: Any, value: Any, key: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(_must_be("a mapping of names to values", value, key))
    if wrong := [name for name in value if not isinstance(name, str)]:
        raise ValueError(f"{key}: a name must be a string, not {quoted(wrong[0])}")
    inner = get_args(hint)[1]
    return {name: _read(inner, item, _inner(key, name)) for name, item in value.items()}


def _read_tuple(hint: Any, value: Any, key: str) -> tuple[Any, ...]:
    kinds = get_args(hint)
    if not isinstance(value, list | tuple) or (... not in kinds and len(value) != len(kinds)):
        what = "a list of lists or mappings" if any(map(_is_nested, kinds)) else typed.describe(hint)
        raise ValueError(_must_be(what, value, key))
    items = [kinds[0]] * len(value) if ... in kinds else kinds
    return tuple(_read(kind, value[index], f"{key}[{index}]") for index, kind in enumerate(items))


def _inner(key: str, name: Any) -> str:
    """Return the key of a value in the mapping that `key` names; a name that is not an identifier is quoted."""
    if not (isinstance(name, str) and name.isidentifier()):
        return f"{key}[{quoted(name)}]"
    return _shortened(f"{key}.{name}" if key else name)


def _must_be(what: str, value: Any, key: str) -> str:
    return f"{key}{' ' if key else ''}must be {what}, not {quoted(value)}"


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
