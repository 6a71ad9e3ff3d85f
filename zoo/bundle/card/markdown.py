"""Small pieces of Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_SPECIAL = re.compile(r"([\\`*_\[\]<>|])")


def plain(value: Any) -> str:
    """Somebody's text on one line, so that none of it is taken for Markdown or HTML."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(value).split()))


def code(value: Any) -> str:
    """A name as it is typed."""
    return "`" + " ".join(str(value).replace("`", "'").split()) + "`"


def listed(names: Sequence[str]) -> str:
    """a, b and c."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def options(chosen: Mapping[str, Any]) -> str:
    """Options in brackets, or nothing."""
    return f" ({', '.join(code(f'{name}={value}') for name, value in chosen.items())})" if chosen else ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; the cells must be plain."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
