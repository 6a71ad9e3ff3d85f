"""Text for messages: quoted values, long lists cut short, sizes in megabytes."""

from __future__ import annotations

from collections.abc import Sequence
from reprlib import Repr
from typing import Any

LONGEST = 200
"""How many characters of a value an error quotes, since documents of other people may be hostile."""


class _Quoting(Repr):
    """Python's `repr`, but only of the part of a value that is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 4
        self.maxlist = self.maxtuple = self.maxdict = self.maxset = self.maxfrozenset = 8
        self.maxstring = self.maxother = LONGEST

    def repr_int(self, x: int, level: int) -> str:
        return super().repr_int(x, level) if x.bit_length() < LONGEST * 3 else f"a number of {x.bit_length():,} bits"


_quoting = _Quoting()


def quoted(value: Any) -> str:
    """Return a value as an error quotes it: as Python writes it, and cut short if it is long or deeply nested."""
    text = _quoting.repr(value)
    return text if len(text) <= LONGEST + 2 else f"{text[:LONGEST]}…"


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


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: "1 image", "2,000 images"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def listed(names: Sequence[str]) -> str:
    """Return names as a list in a sentence: "a, b and c"."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def sentence(text: str) -> str:
    """Return a text as a sentence: with a capital letter and a full stop."""
    return f"{text[:1].upper()}{text[1:]}."


def shortened(text: str, longest: int) -> str:
    """Return a text of at most so many characters; of a longer one the middle is left out: "resne…breakhis"."""
    if len(text) <= longest:
        return text
    end = (longest - 1) // 2
    return f"{text[: longest - 1 - end]}…{text[len(text) - end :]}"
