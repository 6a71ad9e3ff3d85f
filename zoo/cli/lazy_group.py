"""Groups of commands that are imported only when they run."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import ClassVar

import click

from zoo.errors import UnknownNameError


class LazyGroup(click.Group):
    """Knows every command's name and line of help, and imports the one that is called."""

    package: ClassVar[str]
    """Each command is `command` in the module of its name here."""
    prefix: ClassVar[str] = ""
    """What the names of a group's modules begin with."""
    lines: ClassVar[Mapping[str, str]]
    """Names and lines of help, in the order a user meets them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names."""
        return list(self.lines)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import one command."""
        if cmd_name not in self.lines:
            return None
        command: click.Command = import_module(f"{self.package}.{self.prefix}{cmd_name.replace('-', '_')}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Say which command was probably meant."""
        if args and args[0] not in self.lines and not args[0].startswith("-"):
            error = UnknownNameError("command", args[0], self.lines)
            raise click.UsageError(f"{error.message}; {error.hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.lines.items()))
