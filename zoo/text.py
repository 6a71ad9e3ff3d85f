"""Text for people: long lists cut short, sizes in megabytes."""

from __future__ import annotations

from collections.abc import Sequence


def cut_short(items: Sequence[str], most: int, *, separator: str = ", ") -> str:
    """At most so many items in one text, and how many more there are: "a, b and 3 more".

    With a line break in the separator, the last part is a line of its own.
    """
    shown = separator.join(items[:most])
    if len(items) <= most:
        return shown
    last = f"and {len(items) - most:,} more"
    return f"{shown}{separator if separator.startswith(chr(10)) else ' '}{last}"


def megabytes(count: float) -> str:
    """A number of bytes in megabytes, with three decimals below ten of them: "0.512 MB", "4,273 MB"."""
    return f"{count / 1e6:,.0f} MB" if count >= 1e7 else f"{count / 1e6:,.3f} MB"
