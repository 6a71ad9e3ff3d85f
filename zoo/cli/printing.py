"""What commands print: tables for people, one JSON document for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import click


def print_json(document: Any) -> None:
    """The one document on standard output."""
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = ()) -> None:
    """A table that keeps its width on a narrow terminal and stays whole in a file."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(soft_wrap=False)
    if not console.is_terminal:
        console.width = 200
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def print_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Names and values, the values under each other; lines after a value's first are indented alike."""
    rows = [(name, value) for name, value in facts if value]
    width = max(len(name) for name, _ in rows) + 2
    for name, value in rows:
        lines = value.splitlines()
        click.echo(click.style(name.ljust(width), bold=True) + lines[0])
        for line in lines[1:]:
            click.echo(" " * width + line)
