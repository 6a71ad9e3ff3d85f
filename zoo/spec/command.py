"""A command of the command line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Command:
    """A command that a plugin adds to `zoo`."""

    name: str
    """The name that is typed after `zoo`."""
    command: str
    """`module:command`, a `click.Command` or a group of them; imported only when it runs."""
    summary: str
    """The line in `zoo --help`."""
