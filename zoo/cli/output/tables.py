"""A table as lines of text. Written by hand because a thousand rows must not take longer than finding them."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from unicodedata import combining, east_asian_width

GAP = "   "
LEAST = 8
"""No column is made narrower than this, however narrow the terminal."""


def table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[str] = (), width: int | None = None
) -> list[str]:
    """A head, a rule and the rows. Where they are wider than `width`, the widest columns are folded."""
    cells = [[cell.splitlines() or [""] for cell in row] for row in [columns, *rows]]
    widths = [max(_width(line) for cell in column for line in cell) for column in zip(*cells, strict=True)]
    if width is not None:
        widths = _fitted(widths, width - len(GAP) * (len(widths) - 1))
        cells = [[_folded(cell, room) for cell, room in zip(row, widths, strict=True)] for row in cells]
    flush = [column in right for column in columns]
    lines = [_lines(row, widths, flush) for row in cells]
    rule = "─" * (sum(widths) + len(GAP) * (len(widths) - 1))
    return [*lines[0], rule, *(line for row in lines[1:] for line in row)]


def _width(text: str) -> int:
    """Places on a terminal; a Chinese character takes two and an accent of its own none."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(letter) else 2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _fitted(widths: Sequence[int], room: int) -> list[int]:
    """The widest columns give way first."""
    fitted = list(widths)
    while sum(fitted) > room and max(fitted) > LEAST:
        fitted[fitted.index(max(fitted))] -= 1
    return fitted


def _folded(cell: Sequence[str], room: int) -> list[str]:
    return [part for line in cell for part in (wrap(line, room) if _width(line) > room else [line])]


def _lines(row: Sequence[Sequence[str]], widths: Sequence[int], flush: Sequence[bool]) -> list[str]:
    """One row of cells, as high as its highest cell."""
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
