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


@click.group("data", cls=LazyGroup, lines=COMMANDS, prefix="data_")
def command() -> None:
    """List, inspect, audit, preview and download data sets."""
