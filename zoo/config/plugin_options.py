"""Options of architectures and data sources, checked against their declarations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zoo.config import values as typed
from zoo.config.fields import Range
from zoo.errors import UsageError, look_up
from zoo.spec import Option, Scalar
from zoo.text import quoted


def checked_options(known: Mapping[str, Option], given: Mapping[str, Any], *, of: str) -> dict[str, Scalar]:
    """Return the given options as the types that are declared; text, as from a command line, is parsed.

    Args:
        known: The declared options by name. The type of an option is that of its default.
        given: The values by name.
        of: What the options belong to, for errors.
    """
    if not isinstance(given, Mapping):
        raise UsageError(f"the options of {of} must be a mapping of names to values, not {quoted(given)}")
    checked: dict[str, Scalar] = {}
    for name, value in given.items():
        option = look_up(f"option of {of}", name, known)
        if isinstance(option.default, str) and isinstance(value, int | float):
            value = str(value)
        hint: Any = Scalar if option.default is None else type(option.default)
        try:
            checked[name] = typed.parse(value, hint) if isinstance(value, str) else typed.check(value, hint)
        except ValueError as error:
            raise UsageError(f"{of}: option {name} {error}") from error
        if option.choices and checked[name] not in option.choices:
            choices = ", ".join(str(choice) for choice in option.choices)
            raise UsageError(f"{of}: option {name} must be one of {choices}, not {quoted(value)}")
        allowed = Range(at_least=option.at_least, at_most=option.at_most)
        if isinstance(number := checked[name], int | float) and number not in allowed:
            raise UsageError(f"{of}: option {name} must be {allowed}, not {quoted(value)}")
    return checked
