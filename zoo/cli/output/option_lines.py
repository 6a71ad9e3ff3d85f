"""The options of an architecture or a data source, as lines of text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from zoo.config.fields import Range

if TYPE_CHECKING:
    from zoo.spec import Option, Scalar


def option_lines(options: Mapping[str, Option], values: Mapping[str, Scalar] | None = None) -> str:
    """Return options, one per line: value, allowed values, help.

    Args:
        options: The options by name.
        values: Their values; by default the defaults.
    """
    lines = []
    for name, option in options.items():
        allowed = str(Range(at_least=option.at_least, at_most=option.at_most))
        if option.choices:
            allowed = f"one of {', '.join(map(str, option.choices))}"
        value = option.default if values is None else values[name]
        lines.append(f"{name} = {value}{f' ({allowed})' if allowed else ''}: {option.help}")
    return "\n".join(lines)
