"""Text for messages: long lists cut short, sizes in megabytes."""

from __future__ import annotations

from collections.abc import Sequence


def cut_short(items: Sequence[str], most: int, *, separator: str = ", ") -> str:
    """Return at most `most` items as one text, with the number of the others: "a, b and 3 more".

    If the separator begins with a line break, that number is on a separate line.
    """
    shown = separator.join(items[:most])
    if len(items) <= most:
        return shown
    last = f"and {len(items) - most:,} more"
    return f"{shown}{separator if separator.startswith(chr(10)) else ' '}{last}"


def megabytes(count: float) -> str:
    """Return a number of bytes as text in megabytes, with three decimals below 10 MB: "0.512 MB", "4,273 MB"."""
    return f"{count / 1e6:,.0f} MB" if count >= 1e7 else f"{count / 1e6:,.3f} MB"
