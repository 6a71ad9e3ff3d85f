"""Which of several processes this is, from the environment and without importing torch."""

from __future__ import annotations

import os


def is_chief() -> bool:
    """Return whether this process writes files and messages for all processes: it is process 0, or the only one."""
    return os.environ.get("RANK", "0") == "0"


def is_distributed() -> bool:
    """Return whether torch's launcher started this process as one of several."""
    return os.environ.get("WORLD_SIZE", "1") != "1"
