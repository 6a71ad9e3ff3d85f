"""Values by declared type: read from text, or checked when they come from Python."""

from __future__ import annotations

import math
import re
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_WORDS = {"true": True, "yes": True, "false": False, "no": False}
_NOTHING = {"none", "null", "~", ""}


@cache
def fields(kind: type) -> dict[str, Any]:
    """The declared types of a class's fields. Evaluating them takes long, so it is done once."""
    return get_type_hints(kind)


def parse(text: str, hint: Any) -> Any:
    """Read text as the declared type; a ValueError says what was expected."""
    text = text.strip()
    if _is_union(hint):
        return _parse_union(text, hint)
    if get_origin(hint) is Literal:
        return _one_of(text, {str(choice): choice for choice in get_args(hint)}, hint)
    if get_origin(hint) is tuple:
        return check([parse(part, _item(hint)) for part in text.split(",") if part.strip()], hint)
    if hint is bool:
        return _one_of(text.lower(), _WORDS, hint)
    if hint in (int, float):
        try:
            return check(hint(text), hint)
        except ValueError:
            raise ValueError(f"must be {describe(hint)}, not {text!r}") from None
    return text


def check(value: Any, hint: Any) -> Any:
    """Give the value back as the declared type; a ValueError says what was expected."""
    if _is_union(hint):
        return _check_union(value, hint)
    if get_origin(hint) is Literal:
        if value in get_args(hint):
            return value
    elif get_origin(hint) is tuple:
        if isinstance(value, list | tuple) and (... in get_args(hint) or len(value) == len(get_args(hint))):
            return tuple(check(item, _item(hint)) for item in value)
    elif hint is float and isinstance(value, int | float) and not isinstance(value, bool):
        if math.isfinite(value):
            return float(value)
    elif isinstance(value, hint) and (hint is bool or not isinstance(value, bool)):
        return value
    raise ValueError(f"must be {describe(hint)}, not {value!r}")


def describe(hint: Any) -> str:
    """The type in a user's words."""
    if _is_union(hint):
        return " or ".join(describe(kind) for kind in get_args(hint))
    if get_origin(hint) is Literal:
        return "one of " + ", ".join(str(choice) for choice in get_args(hint))
    if get_origin(hint) is tuple:
        count = "a list of" if ... in get_args(hint) else f"{len(get_args(hint))}"
        return f"{count} {describe(_item(hint)).removeprefix('a ').removeprefix('an ')}s"
    names = {bool: "true or false", int: "a whole number", float: "a number", str: "a text", NoneType: "none"}
    return names[hint]


def _is_union(hint: Any) -> bool:
    return get_origin(hint) in (Union, UnionType)


def _item(hint: Any) -> Any:
    return get_args(hint)[0]


def _one_of(text: str, choices: dict[str, Any], hint: Any) -> Any:
    if text not in choices:
        raise ValueError(f"must be {describe(hint)}, not {text!r}")
    return choices[text]


def _parse_union(text: str, hint: Any) -> Any:
    """None by its words, then the kinds from the narrowest to text."""
    kinds = get_args(hint)
    if NoneType in kinds and text.lower() in _NOTHING:
        return None
    if bool in kinds and text.lower() in ("true", "false"):
        return _WORDS[text.lower()]
    if _NUMBER.fullmatch(text):
        for kind in (int, float):
            try:
                if kind in kinds:
                    return check(kind(text), kind)
            except ValueError:
                continue
    rest = [kind for kind in kinds if kind not in (NoneType, bool, int, float)]
    if not rest:
        raise ValueError(f"must be {describe(hint)}, not {text!r}")
    return parse(text, rest[0])


def _check_union(value: Any, hint: Any) -> Any:
    for kind in get_args(hint):
        try:
            if not (kind is float and isinstance(value, int) and int in get_args(hint)):
                return check(value, kind)
        except ValueError:
            continue
    raise ValueError(f"must be {describe(hint)}, not {value!r}")
