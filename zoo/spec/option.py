"""An option of an architecture or of a data source."""

from __future__ import annotations

from dataclasses import dataclass

Scalar = str | int | float | bool | None
"""The value of an option: it can be written to JSON and typed on a command line."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """An option of an architecture or of a data source."""

    default: Scalar
    """Its value if none is given. Its type is the type of the option."""
    help: str
    choices: tuple[Scalar, ...] = ()
    """The values allowed; empty if every value of the type is."""
    at_least: float | None = None
    """The smallest number allowed."""
    at_most: float | None = None
    """The largest number allowed. Set it where a large number makes a large network: a bundle may be from anybody."""
    names_patients: bool = False
    """Of a data source: whether the names of the patients depend on it. With another value than in its training, it
    would not be known which patients a model has seen, so that is refused."""
