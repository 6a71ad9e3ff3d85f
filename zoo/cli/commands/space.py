"""`zoo space`: the group of commands about Spaces."""

from __future__ import annotations

import click

from zoo.cli.lazy_group import LazyGroup

COMMANDS = {"push": "create or update a Space that compares trained models"}


@click.group("space", cls=LazyGroup, lines=COMMANDS, prefix="space_")
def command() -> None:
    """Publish the page of `zoo demo` as a Hugging Face Space."""
