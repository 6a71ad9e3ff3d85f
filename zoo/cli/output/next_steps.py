"""Commands to run next, printed so that the lines can be pasted into a shell."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click


@dataclass(frozen=True)
class Step:
    """A command to suggest."""

    what: str
    """What the command does, without quotes and brackets."""
    command: str
    """Its first words, such as `zoo predict`."""
    words: Sequence[str | Path] = ()
    """The other words, which are quoted where a shell needs that."""


def print_next_steps(steps: Iterable[Step]) -> None:
    """Print commands, each below a shell comment that says what it does.

    A comment has a line of its own: an interactive zsh takes it for a command that it does not find, and goes on.
    """
    click.echo("Next:")
    for step in steps:
        click.echo(f"  # {step.what}")
        click.echo(f"  {' '.join([step.command, *(shlex.quote(str(word)) for word in step.words)])}")
