"""What commands print: tables for people, one JSON document for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from shutil import get_terminal_size
from typing import Any

import click

from zoo.cli.output.tables import table


def print_json(document: Any) -> None:
    """The one document on standard output."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = ()) -> None:
    """A table between empty lines; folded to a terminal's width, and whole in a file."""
    width = get_terminal_size().columns - 1 if sys.stdout.isatty() else None
    head, *rest = (f" {line}" for line in table(columns, list(rows), right=right, width=width))
    click.echo("\n".join(["", click.style(head, bold=True), *rest, ""]))


def print_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Names and values, the values under each other; lines after a value's first are indented alike."""
    rows = [(name, value) for name, value in facts if value]
    width = max(len(name) for name, _ in rows) + 2
    for name, value in rows:
        lines = value.splitlines()
        click.echo(click.style(name.ljust(width), bold=True) + lines[0])
        for line in lines[1:]:
            click.echo(" " * width + line)
