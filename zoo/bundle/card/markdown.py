"""Markdown for the model card: escaped text, code, lists and tables."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from zoo.text import one_line

_SPECIAL = re.compile(r"([\\`*_\[\]<>|&~$@])")
_FIRST = re.compile(r"^(\d+(?=[.)](?:\s|$))|(?=[-+](?!\d)|[=#]))(.)")
"""What begins a heading, a list or a rule at the beginning of a block; a number with its sign does not."""
_ADDRESS = re.compile(r"(:|\bwww)(//|\.)", re.IGNORECASE)
"""What becomes a link without any brackets."""


def plain(value: Any) -> str:
    """Return any text on one line, escaped so that none of it is read as Markdown or HTML."""
    text = _SPECIAL.sub(r"\\\1", one_line(str(value)))
    return _FIRST.sub(r"\1\\\2", _ADDRESS.sub(r"\1\\\2", text))


def code(value: Any) -> str:
    """Return a name as inline code."""
    return f"`{one_line(str(value)).replace('`', chr(39)) or ' '}`"


def options(values: Mapping[str, Any]) -> str:
    """Return options in parentheses, or an empty text if there are none."""
    return f" ({', '.join(code(f'{name}={value}') for name, value in values.items())})" if values else ""


def folded(summary: str, content: str) -> str:
    """Return a part of a text that a reader unfolds by its summary; both must be escaped."""
    return f"<details>\n<summary>{summary}</summary>\n\n{content}\n\n</details>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Collection[str] = ()) -> str:
    """Return a Markdown table; the cells must be escaped.

    Args:
        head: The names of the columns.
        rows: The rows.
        numbers: The columns that are aligned to the right.
    """
    lines = [head, ["---:" if name in numbers else "---" for name in head], *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
