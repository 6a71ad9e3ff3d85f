"""Groups of commands that are imported only when they run."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import ClassVar

import click

from zoo.errors import UnknownNameError


class LazyGroup(click.Group):
    """A group that lists its commands with a line of help each, and imports only the command that is called."""

    package: ClassVar[str]
    """The package with a module for each command, named after it, in which the command is called `command`."""
    prefix: ClassVar[str] = ""
    """The prefix of the names of the modules."""
    lines: ClassVar[Mapping[str, str]]
    """The line of help of each command, in the order in which they are listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names of the commands."""
        return list(self.lines)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return one command, or None if there is no command of this name."""
        if cmd_name not in self.lines:
            return None
        command: click.Command = import_module(f"{self.package}.{self.prefix}{cmd_name.replace('-', '_')}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is called, or raise a usage error that suggests similar names."""
        if args and args[0] not in self.lines and not args[0].startswith("-"):
            raise click.UsageError(self.describe_unknown(args[0]), ctx)
        return super().resolve_command(ctx, args)

    def describe_unknown(self, name: str) -> str:
        """Return the error message for a name that is not a command."""
        error = UnknownNameError("command", name, self.lines)
        return f"{error.message}; {error.hint}"

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands into the help, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.lines.items()))
