"""A mark that tells a card as the zoo wrote it from one that a person edited since."""

from __future__ import annotations

import re
from hashlib import sha256

_MARK = re.compile(r"\n<!-- written by histozoo; edit it and no push replaces it: ([0-9a-f]{64}) -->\n?\Z")


def signed(text: str) -> str:
    """The text with its own checksum in a comment at the end."""
    body = text.rstrip("\n") + "\n"
    return f"{body}\n<!-- written by histozoo; edit it and no push replaces it: {_checksum(body)} -->\n"


def is_untouched(text: str) -> bool:
    """Whether nobody changed a signed text; other line endings are no change."""
    text = text.replace("\r\n", "\n")
    mark = _MARK.search(text)
    return mark is not None and mark[1] == _checksum(text[: mark.start()])


def _checksum(body: str) -> str:
    return sha256(body.encode()).hexdigest()
