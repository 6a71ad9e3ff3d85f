"""The signature of a model card, which shows whether the card was edited after histozoo wrote it."""

from __future__ import annotations

import re
from hashlib import sha256

_SIGNATURE = re.compile(r"\n<!-- written by histozoo; edit it and no push replaces it: ([0-9a-f]{64}) -->\n?\Z")


def signed(text: str) -> str:
    """Return the text with its checksum in a comment at the end."""
    body = text.rstrip("\n") + "\n"
    return f"{body}\n<!-- written by histozoo; edit it and no push replaces it: {_checksum(body)} -->\n"


def is_untouched(text: str) -> bool:
    """Return whether a signed text is unchanged, apart from line endings."""
    text = text.replace("\r\n", "\n")
    signature = _SIGNATURE.search(text)
    return signature is not None and signature[1] == _checksum(text[: signature.start()])


def _checksum(body: str) -> str:
    return sha256(body.encode()).hexdigest()
