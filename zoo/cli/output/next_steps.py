"""Commands to run next, printed so that the lines can be pasted into a shell."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click


@dataclass(frozen=True)
class Step:
    """A command to suggest to the user."""

    purpose: str
    """What the command does, without quotes and brackets."""
    command: str
    """The command, such as `zoo predict`."""
    arguments: Sequence[str | Path] = ()
    """Its arguments; they are quoted if a shell requires it."""


def print_next_steps(steps: Iterable[Step]) -> None:
    """Print commands, each below a shell comment with its purpose.

    Comments are on separate lines, since an interactive zsh takes a comment for an unknown command, and continues.
    """
    click.echo("Next:")
    for step in steps:
        click.echo(f"  # {step.purpose}")
        click.echo(f"  {' '.join([step.command, *(shlex.quote(str(argument)) for argument in step.arguments)])}")
