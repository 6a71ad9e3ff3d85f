"""How long a server asks to wait, as text."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from zoo.text import counted

MINUTE, HOUR, DAY = 60, 3600, 86_400
_LIMIT = re.compile(r";\s*r\s*=\s*0+\s*;\s*t\s*=\s*(\d{1,9})")
"""The Hub's own header says how many requests are left (r), and in how many seconds there are new ones (t)."""


def wait_time(headers: Mapping[str, str]) -> str:
    """Return the time to wait as the end of a sentence, such as "; it asks to wait 2 minutes"; empty if none is stated.

    Args:
        headers: The headers of the answer: `Retry-After`, in seconds or as a date, or `RateLimit`.
    """
    seconds = _retry_after(headers.get("Retry-After", "").strip())
    if seconds is None and (found := _LIMIT.search(headers.get("RateLimit", ""))):
        seconds = int(found[1])
    return "" if seconds is None else f"; it asks to wait {_in_words(seconds)}"


def _retry_after(text: str) -> int | None:
    if re.fullmatch(r"\d{1,9}", text, re.ASCII):
        return int(text)
    try:
        return max(0, round(parsedate_to_datetime(text).timestamp() - time.time()))
    except (ValueError, TypeError, OverflowError):
        return None


def _in_words(seconds: int) -> str:
    """Return a number of seconds, rounded up to minutes or hours where it is large."""
    if seconds > DAY:
        return "more than a day"
    for length, unit in ((HOUR, "hour"), (MINUTE, "minute")):
        if seconds >= 2 * length:
            return f"{-(-seconds // length)} {unit}s"
    return counted(seconds, "second")
