"""Which of several processes this is, before it has met the others. No torch here."""

from __future__ import annotations

import os


def is_chief() -> bool:
    """Whether this process writes and speaks for all."""
    return os.environ.get("RANK", "0") == "0"


def is_one_of_several() -> bool:
    """Whether torch's launcher started it as one of several."""
    return os.environ.get("WORLD_SIZE", "1") != "1"
