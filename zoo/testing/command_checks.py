"""All checks of a command that a plugin adds to `zoo`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import click

from zoo.errors import PluginError, look_up
from zoo.imports import import_object
from zoo.registry import registry
from zoo.spec import Command
from zoo.testing.declaration_checks import check_light
from zoo.testing.outcomes import Outcome, raise_failures, run_checks

SECONDS = 60
"""How long `--help` may take, on a slow machine."""


@dataclass(frozen=True)
class CommandCase:
    """The command under test."""

    spec: Command
    plugin: str
    """The name of the plugin that registers it."""

    @cached_property
    def command(self) -> click.Command:
        """The command, imported."""
        command = import_object(self.spec.command, plugin=f"command {self.spec.name}")
        if not isinstance(command, click.Command):
            raise PluginError(f"{self.spec.command} is not a command", hint="decorate it with @click.command()")
        return command


def registers_without_torch(case: CommandCase) -> None:
    """Registering the plugin imports neither torch nor another slow library."""
    check_light(case.plugin)


def is_a_click_command(case: CommandCase) -> None:
    """The text names a command or a group of click."""
    _ = case.command


def describes_itself(case: CommandCase) -> None:
    """The command, its subcommands and all their options have a line of help."""
    for name, command in _with_subcommands(case.spec.name, case.command):
        if not (command.help or "").strip():
            raise PluginError(f"zoo {name} has no help", hint="write what it does into its docstring")
        for option in command.params:
            if isinstance(option, click.Option) and not option.help:
                raise PluginError(f"zoo {name}: the option {option.opts[0]} has no help", hint="give it help=...")


def _with_subcommands(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    """Yield a command and all its subcommands, with the words that are typed after `zoo`."""
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for word in command.list_commands(context):
            inner = command.get_command(context, word)
            if inner is not None:
                yield from _with_subcommands(f"{name} {word}", inner)


def prints_nothing_but_its_help(case: CommandCase) -> None:
    """`zoo NAME --help` prints the help and nothing else, in a new process."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "zoo", case.spec.name, "--help"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode or done.stderr.strip() or not done.stdout.startswith(f"Usage: zoo {case.spec.name}"):
        printed = (done.stderr or done.stdout)[:300]
        raise PluginError(
            f"zoo {case.spec.name} --help exits with {done.returncode} and prints {printed!r}",
            hint="print and read nothing when the module is imported",
        )


CHECKS: tuple[Callable[[CommandCase], None], ...] = (
    registers_without_torch,
    is_a_click_command,
    describes_itself,
    prints_nothing_but_its_help,
)


def command_outcomes(name: str) -> Iterator[Outcome]:
    """Run every check on a command, and yield its outcome.

    Args:
        name: The command's name.
    """
    command = look_up("command", name, registry().plugins.commands)
    case = CommandCase(command, registry().plugins.owner(name, "commands").name)
    return run_checks(CHECKS, case, package=case.spec.command)


def check_command(name: str) -> None:
    """Raise an error unless a command passes every check. Call it in a test of your own package.

    Args:
        name: The command's name.

    Examples:
        >>> def test_my_command_passes_all_checks_of_the_zoo():
        ...     check_command("my_command")
    """
    raise_failures(name, command_outcomes(name))
