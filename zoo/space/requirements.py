"""requirements.txt: lines of several files in one, each package once."""

from __future__ import annotations

import re

_NAME = re.compile(r"\s*([A-Za-z0-9][\w.-]*)", re.ASCII)


def merged(*documents: str) -> str:
    """Return the lines of several requirement files; the line of a later one replaces that of the same package."""
    lines: dict[str, str] = {}
    for document in documents:
        for line in document.splitlines():
            if line.strip():
                lines[_package(line)] = line.strip()
    return "\n".join([*lines.values(), ""])


def _package(line: str) -> str:
    """Return the normalized name of the package of a line; a comment or an option is its own name."""
    found = _NAME.match(line)
    return line.strip() if found is None else re.sub(r"[-_.]+", "-", found[1]).lower()
