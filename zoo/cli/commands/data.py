"""`zoo data`."""

from __future__ import annotations

import click

from zoo.cli.lazy_group import LazyGroup

COMMANDS = {
    "list": "what can be trained on, and how to get it",
    "inspect": "look at a data set before training on it",
    "preview": "a picture of a batch before and after augmentation",
    "fetch": "download a public data set",
}


class DataCommands(LazyGroup):
    """All of them."""

    package = "zoo.cli.commands"
    prefix = "data_"
    lines = COMMANDS


@click.group("data", cls=DataCommands)
def command() -> None:
    """Data sets: what there is, and how to get it."""
