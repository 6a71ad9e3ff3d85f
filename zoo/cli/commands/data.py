"""`zoo data`: the group of commands about data sets."""

from __future__ import annotations

import click

from zoo.cli.lazy_group import LazyGroup

COMMANDS = {
    "list": "list the data sources, and how to get their data",
    "inspect": "check a data set before training on it",
    "audit": "find what leaks from training to test, and what that is worth",
    "preview": "save a picture of a batch before and after augmentation",
    "fetch": "download a public data set",
}


class DataCommands(LazyGroup):
    """The commands of `zoo data`."""

    package = "zoo.cli.commands"
    prefix = "data_"
    lines = COMMANDS


@click.group("data", cls=DataCommands)
def command() -> None:
    """List, inspect, audit, preview and download data sets."""
