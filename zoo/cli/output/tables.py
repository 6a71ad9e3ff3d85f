"""Printing of tables and of JSON documents. Text from files of other people cannot move the cursor or color anything.

Rich takes 0.7 s to lay out a table of 1,000 rows and 6 columns, and this module 0.01 s on the same machine
(`benchmarks/tables.py`), so that `zoo list` is fast with many models.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from shutil import get_terminal_size
from textwrap import wrap
from typing import Any
from unicodedata import combining, east_asian_width

import click

from zoo.cli.output.reserved_output import document_stream
from zoo.text import printable, printable_json

GAP = "   "
MIN_WIDTH = 8
"""No column is made narrower than this, even in a narrow terminal."""
LONG_WORD = 16
"""Words of at most this length are broken only if the table does not fit otherwise."""


def print_json(document: Any) -> None:
    """Print one JSON document on standard output. JSON has no NaN or infinity: a document with one is not printed."""
    click.echo(_json(document), file=document_stream())


def print_json_list(documents: Iterable[Any]) -> None:
    """Print one JSON array on standard output, each item as soon as it is known."""
    stream = document_stream()
    separator = "["
    for document in documents:
        text = _json(document).replace("\n", "\n  ")
        click.echo(f"{separator}\n  {text}", nl=False, file=stream)
        separator = ","
    click.echo("[]" if separator == "[" else "\n]", file=stream)


def _json(document: Any) -> str:
    """Return a document as JSON that a terminal can show."""
    return printable_json(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = ()) -> None:
    """Print a table between empty lines; cells are wrapped to the width of a terminal, and not wrapped elsewhere."""
    width = get_terminal_size().columns - 1 if sys.stdout.isatty() else None
    head, *rest = (f" {line}" for line in table_lines(columns, list(rows), right=right, width=width))
    click.echo("\n".join(["", click.style(head, bold=True), *rest, ""]))


def print_facts(facts: Iterable[tuple[str, str]]) -> None:
    """Print names and values in two columns; facts with an empty value are left out."""
    rows = [(name, value) for name, value in facts if value]
    width = max((len(name) for name, _ in rows), default=0) + 2
    for name, value in rows:
        lines = printable(value).splitlines()
        click.echo(click.style(name.ljust(width), bold=True) + lines[0])
        for line in lines[1:]:
            click.echo(" " * width + line)


def table_lines(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[str] = (), width: int | None = None
) -> list[str]:
    """Return a table as lines of text: heading, rule and rows.

    Args:
        columns: The headings.
        rows: The cells of each row; a cell may have several lines.
        right: Headings of the columns that are aligned to the right.
        width: The largest width of a line; the widest columns are wrapped to fit. None leaves every column as wide as
            its longest cell.
    """
    cells = [[printable(cell).splitlines() or [""] for cell in row] for row in [columns, *rows]]
    widths = [max(_width(line) for cell in column for line in cell) for column in zip(*cells, strict=True)]
    if width is not None:
        words = [_longest_word(column) for column in zip(*cells, strict=True)]
        widths = _column_widths(widths, words, width - len(GAP) * (len(widths) - 1))
        cells = [[_wrapped(cell, limit) for cell, limit in zip(row, widths, strict=True)] for row in cells]
    flush = [column in right for column in columns]
    lines = [_row_lines(row, widths, flush) for row in cells]
    rule = "─" * (sum(widths) + len(GAP) * (len(widths) - 1))
    return [*lines[0], rule, *(line for row in lines[1:] for line in row)]


def _width(text: str) -> int:
    """Return how many terminal columns a text takes: two for a Chinese character, none for a combining accent."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(letter) else 2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _longest_word(column: Sequence[Sequence[str]]) -> int:
    """Return the width of the longest word of a column, without words that are longer than `LONG_WORD`."""
    words = (_width(word) for cell in column for line in cell for word in line.split())
    return max((width for width in words if width <= LONG_WORD), default=0)


def _column_widths(widths: Sequence[int], words: Sequence[int], total: int) -> list[int]:
    """Return column widths that add up to at most `total`: the widest columns are narrowed first, and words kept."""
    fitted = list(widths)
    for least in ([max(word, MIN_WIDTH) for word in words], [MIN_WIDTH] * len(widths)):
        while sum(fitted) > total:
            wide = [index for index, width in enumerate(fitted) if width > least[index]]
            if not wide:
                break
            fitted[max(wide, key=lambda index: fitted[index])] -= 1
    return fitted


def _wrapped(cell: Sequence[str], limit: int) -> list[str]:
    """Return the lines of a cell, each at most `limit` wide."""
    return [part for line in cell for part in (wrap(line, limit) if _width(line) > limit else [line])]


def _row_lines(row: Sequence[Sequence[str]], widths: Sequence[int], flush: Sequence[bool]) -> list[str]:
    """Return the lines of one row: as many as its tallest cell has."""
    height = max(len(cell) for cell in row)
    lines = []
    for number in range(height):
        parts = []
        for cell, width, to_the_right in zip(row, widths, flush, strict=True):
            text = cell[number] if number < len(cell) else ""
            blank = " " * (width - _width(text))
            parts.append(blank + text if to_the_right else text + blank)
        lines.append(GAP.join(parts).rstrip())
    return lines
