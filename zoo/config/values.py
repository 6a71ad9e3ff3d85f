"""Values by declared type: parsed from text, checked if given in Python, described in messages."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache
from numbers import Integral, Real
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from zoo.errors import UsageError
from zoo.text import quoted

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_BOOLEANS = {"true": True, "yes": True, "false": False, "no": False}
_NONE = {"none", "null", "~", ""}
_DESCRIPTIONS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a string",
    Path: "a path",
    NoneType: "none",
}


@cache
def type_hints(kind: type) -> dict[str, Any]:
    """Return the declared types of the fields of a class, cached, since evaluating them takes long."""
    return get_type_hints(kind)


def parse(text: str, hint: Any) -> Any:
    """Return the value of a text as the declared type, or raise a ValueError that says what was expected."""
    if hint is str:
        return text
    if hint is Path:
        return Path(text)
    if Path in get_args(hint) and str not in get_args(hint) and text.strip().lower() not in _NONE:
        return Path(text)  # spaces are a part of the name
    text = text.strip()
    if _is_union(hint):
        return _parse_union(text, hint)
    if get_origin(hint) is Literal:
        return _one_of(text, {str(choice): choice for choice in get_args(hint)}, hint)
    if get_origin(hint) is tuple:
        return check([parse(part.strip(), _item(hint)) for part in text.split(",") if part.strip()], hint)
    if hint is bool:
        return _one_of(text.lower(), _BOOLEANS, hint)
    if hint in (int, float):
        try:
            return check(hint(text), hint)
        except ValueError:
            raise ValueError(f"must be {describe(hint)}, not {quoted(text)}") from None
    return text


def check(value: Any, hint: Any) -> Any:
    """Return the value as the declared type, or raise a ValueError that says what was expected.

    A number of NumPy or of a subclass becomes a plain number, which can be written to JSON and YAML.
    """
    if hint is Any:
        return value
    if _is_union(hint):
        return _check_union(value, hint)
    if get_origin(hint) is Literal:
        for choice in get_args(hint):
            if isinstance(value, type(choice)) and value == choice:
                return choice
    elif get_origin(hint) is tuple:
        if isinstance(value, list | tuple) and (... in get_args(hint) or len(value) == len(get_args(hint))):
            return tuple(check(item, _item(hint)) for item in value)
    elif hint is bool or isinstance(value, bool):
        if hint is bool and isinstance(value, bool):
            return value
    elif hint is float and isinstance(value, Real):
        if _is_finite(value):
            return float(value)
    elif hint is int and isinstance(value, Integral):
        return int(value)
    elif hint is str and isinstance(value, str):
        return str.__str__(value)
    elif hint is Path and isinstance(value, str | Path):
        if "\0" not in str(value):
            return Path(value)
    elif get_origin(hint) is Mapping:
        if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
            return {key: _check_item(key, item, get_args(hint)[1]) for key, item in value.items()}
    elif isinstance(value, hint):
        return value
    raise ValueError(f"must be {describe(hint)}, not {quoted(value)}")


def checked_argument(name: str, value: Any, hint: Any) -> Any:
    """Return the value of a function's argument as the declared type, or raise a UsageError that names it."""
    try:
        return check(value, hint)
    except ValueError as error:
        raise UsageError(f"{name} {error}") from error


def describe(hint: Any) -> str:
    """Return a description of a type for a message, such as "a whole number or none"."""
    if _is_union(hint):
        return " or ".join(describe(kind) for kind in get_args(hint))
    if get_origin(hint) is Literal:
        return "one of " + ", ".join(str(choice) for choice in get_args(hint))
    if get_origin(hint) is tuple:
        count = "a list of" if ... in get_args(hint) else f"{len(get_args(hint))}"
        return f"{count} {describe(_item(hint)).removeprefix('a ').removeprefix('an ')}s"
    if get_origin(hint) is Mapping:
        return "a mapping of names to values"
    return _DESCRIPTIONS.get(hint, f"a zoo.spec.{hint.__name__} object")


def choices(hint: Any) -> tuple[Any, ...]:
    """Return the values of a Literal, also as a part of a union; empty for other types."""
    if get_origin(hint) is Literal:
        return get_args(hint)
    return next((get_args(kind) for kind in get_args(hint) if get_origin(kind) is Literal), ())


def shown(value: Any) -> str:
    """Return a value for a message, without the quotes of a path."""
    return str(value) if isinstance(value, Path) else quoted(value)


def _is_finite(value: Real) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number beyond what a float can hold
        return False


def _is_union(hint: Any) -> bool:
    return get_origin(hint) in (Union, UnionType)


def _item(hint: Any) -> Any:
    """Return the type of the items of a tuple."""
    return get_args(hint)[0]


def _one_of(text: str, choices: dict[str, Any], hint: Any) -> Any:
    if text not in choices:
        raise ValueError(f"must be {describe(hint)}, not {quoted(text)}")
    return choices[text]


def _parse_union(text: str, hint: Any) -> Any:
    """Return None for a word such as "none"; else the first type that fits, from the narrowest to a string."""
    kinds = get_args(hint)
    if NoneType in kinds and text.lower() in _NONE:
        return None
    if bool in kinds and text.lower() in ("true", "false"):
        return _BOOLEANS[text.lower()]
    if _NUMBER.fullmatch(text):
        for kind in (int, float):
            try:
                if kind in kinds:
                    return check(kind(text), kind)
            except ValueError:
                continue
    rest = [kind for kind in kinds if kind not in (NoneType, bool, int, float)]
    if not rest:
        raise ValueError(f"must be {describe(hint)}, not {quoted(text)}")
    try:
        return parse(text, rest[0])
    except ValueError:
        if len(rest) == len([kind for kind in kinds if kind is not NoneType]):
            raise
        raise ValueError(f"must be {describe(hint)}, not {quoted(text)}") from None


def _check_item(key: str, item: Any, hint: Any) -> Any:
    """Return the value of a key in a mapping as the declared type; the ValueError names the key."""
    try:
        return check(item, hint)
    except ValueError as error:
        raise ValueError(f"{quoted(key)} {error}") from error


def _check_union(value: Any, hint: Any) -> Any:
    for kind in get_args(hint):
        try:
            if not (kind is float and isinstance(value, Integral) and int in get_args(hint)):
                return check(value, kind)
        except ValueError:
            continue
    raise ValueError(f"must be {describe(hint)}, not {quoted(value)}")
