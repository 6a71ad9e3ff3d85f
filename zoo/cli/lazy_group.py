"""Groups of commands that are imported only when they run."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click
from click.shell_completion import CompletionItem

from zoo.errors import UnknownNameError

PACKAGE = "zoo.cli.commands"
"""The package with a module for each command."""


class LazyGroup(click.Group):
    """A group that lists its commands with a line of help each, and imports only the command that is called."""

    def __init__(self, *args: Any, lines: Mapping[str, str], prefix: str = "", **kwargs: Any) -> None:
        """Make a group of commands, each in a module of `zoo.cli.commands` in which it is called `command`.

        Args:
            *args: Those of a group of click.
            lines: The line of help of each command, in the order in which they are listed.
            prefix: The prefix of the names of the modules, which are otherwise those of the commands.
            **kwargs: Those of a group of click.
        """
        super().__init__(*args, **kwargs)
        self.lines, self.prefix = lines, prefix

    def sections(self) -> dict[str, dict[str, str]]:
        """Return the line of help of each command, by section of the help."""
        return {"Commands": dict(self.lines)}

    def has_command(self, name: str) -> bool:
        """Return whether there is a command of this name."""
        return name in self.lines

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names of the commands."""
        return [name for lines in self.sections().values() for name in lines]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return one command, or None if there is no command of this name."""
        if cmd_name not in self.lines:
            return None
        command: click.Command = import_module(f"{PACKAGE}.{self.prefix}{cmd_name.replace('-', '_')}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is called, or raise a usage error that suggests similar names."""
        if args and not self.has_command(args[0]) and not args[0].startswith("-"):
            raise click.UsageError(self.describe_unknown(args[0]), ctx)
        return super().resolve_command(ctx, args)

    def describe_unknown(self, name: str) -> str:
        """Return the error message for a name that is not a command."""
        known = [command for lines in self.sections().values() for command in lines]
        error = UnknownNameError("command", name, known)
        return f"{error.message}; {error.hint}"

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands into the help, without importing them."""
        for title, lines in self.sections().items():
            with formatter.section(title):
                formatter.write_dl(list(lines.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the name of a command, without importing any, or an option."""
        lines = {name: line for section in self.sections().values() for name, line in section.items()}
        items = [CompletionItem(name, help=line) for name, line in lines.items() if name.startswith(incomplete)]
        return [*items, *click.Command.shell_complete(self, ctx, incomplete)]
