"""The commands of the zoo, registered through the same hook as anybody's, so that no plugin can take their names."""

from __future__ import annotations

from collections.abc import Callable

from zoo.cli.main import COMMANDS
from zoo.plugins import hookimpl
from zoo.spec import Command


@hookimpl
def zoo_register_commands(register: Callable[[Command], None]) -> None:
    """Register the commands of the zoo."""
    for name, summary in COMMANDS.items():
        register(Command(name=name, command=f"zoo.cli.commands.{name.replace('-', '_')}:command", summary=summary))
