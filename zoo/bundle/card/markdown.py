"""Markdown for the model card: escaped text, code, lists and tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_SPECIAL = re.compile(r"([\\`*_\[\]<>|])")


def plain(value: Any) -> str:
    """Return any text on one line, escaped so that none of it is read as Markdown or HTML."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(value).split()))


def code(value: Any) -> str:
    """Return a name as inline code."""
    return "`" + " ".join(str(value).replace("`", "'").split()) + "`"


def options(values: Mapping[str, Any]) -> str:
    """Return options in parentheses, or an empty text if there are none."""
    return f" ({', '.join(code(f'{name}={value}') for name, value in values.items())})" if values else ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; the cells must be escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
