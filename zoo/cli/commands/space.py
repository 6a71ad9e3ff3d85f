"""`zoo space`: the group of commands about Spaces."""

from __future__ import annotations

import click

from zoo.cli.lazy_group import LazyGroup

COMMANDS = {"push": "create or update a Space that compares trained models"}


class SpaceCommands(LazyGroup):
    """The commands of `zoo space`."""

    package = "zoo.cli.commands"
    prefix = "space_"
    lines = COMMANDS


@click.group("space", cls=SpaceCommands)
def command() -> None:
    """Publish the page of `zoo demo` as a Hugging Face Space."""
