"""Text for messages: quoted values, long lists cut short, sizes, percentages, and what a terminal can show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from reprlib import Repr
from typing import Any

LONGEST = 200
"""How many characters of a value an error quotes, since documents of other people may be hostile."""

_CONTROL = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
_UNSAFE = re.compile(f"[{_CONTROL}]")
"""Characters that move the cursor, color what follows or reverse its direction, or that cannot be written as UTF-8."""
_NOT_IN_A_LINE = re.compile(f"[\t\n{_CONTROL}]")


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
_BREAK = re.compile(r"\s*\n\s*")


def quoted(value: Any) -> str:
    """Return a value as an error quotes it: as Python writes it, and cut short if it is long or deeply nested."""
    text = _BREAK.sub(" ", _quoting.repr(value))  # an array is written on several lines
    return text if len(text) <= LONGEST + 2 else f"{text[:LONGEST]}…"


def printable(text: str) -> str:
    """Return text whose control characters are visible as escapes, so that it is safe to print; lines are kept."""
    return _UNSAFE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def is_printable(text: str) -> bool:
    """Return whether a text, of one line or several, has no control characters."""
    return _UNSAFE.search(text) is None


def one_line(text: str) -> str:
    """Return any text on one line, without control characters."""
    return " ".join(printable(text).split())


def printable_json(document: str) -> str:
    """Return a JSON document of the same meaning that is safe to print."""
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", document)


def is_line(text: str, *, longest: int) -> bool:
    """Return whether a text is one line, not empty, without control characters, and not longer than this."""
    return 0 < len(text) <= longest and _NOT_IN_A_LINE.search(text) is None


def fitted(text: str, *, characters: int, lines: int) -> str:
    """Return the printable beginning of a text: at most `characters`, in at most `lines`."""
    shown = printable(text[: characters + 1])
    kept = "\n".join(shown.split("\n", lines)[:lines])[:characters]
    return kept if len(kept) == len(shown) else f"{kept}…"


def cut_short(items: Sequence[str], most: int, *, separator: str = ", ") -> str:
    """Return at most `most` items as one text, with the number of the others: "a, b and 3 more".

    If the separator begins with a line break, that number is on a separate line.
    """
    shown = separator.join(items[:most])
    if len(items) <= most:
        return shown
    last = f"and {len(items) - most:,} more"
    return f"{shown}{separator if separator.startswith(chr(10)) else ' '}{last}"


def storage_size(count: float) -> str:
    """Return a number of bytes as text in the unit that suits it, with three digits: "812 bytes", "4.27 GB"."""
    if count < 999.5:
        return counted(round(count), "byte")
    units = ["TB", "GB", "MB", "kB"]
    while (count := count / 1000) >= 999.5 and len(units) > 1:
        units.pop()
    return f"{count:.3g} {units[-1]}" if count < 999.5 else f"{count:,.0f} {units[-1]}"


def percent(share: float) -> str:
    """Return a measured share with one decimal: "37.5 %", "> 99.9 %"; "0 %" and "100 %" mean exactly none and all."""
    return f"{share:.0%}".replace("%", " %") if share in (0, 1) else probability_percent(share)


def probability_percent(probability: float) -> str:
    """Return a probability with one decimal, never 0 % or 100 %, since that of a network is only rounded to them."""
    if probability >= 0.9995:
        return "> 99.9 %"
    if probability < 0.0005:
        return "< 0.1 %"
    return f"{probability * 100:.1f} %"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: "1 image", "2,000 images"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def listed(names: Sequence[str]) -> str:
    """Return names as a list in a sentence: "a, b and c"."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def natural_order(name: str) -> list[tuple[int, str]]:
    """Return the key that sorts names with numbers by the size of these: cbam20 before cbam110."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"([0-9]+)", name)]


def sentence(text: str) -> str:
    """Return a text as a sentence: with a capital letter and a full stop."""
    return f"{text[:1].upper()}{text[1:]}."


def shortened(text: str, longest: int) -> str:
    """Return a text of at most `longest` characters; of a longer one the middle is left out: "resne…breakhis"."""
    if len(text) <= longest:
        return text
    end = (longest - 1) // 2
    return f"{text[: longest - 1 - end]}…{text[len(text) - end :]}"
