"""Of several processes one fails first; what the others then run into is only what follows from it."""

from __future__ import annotations

import json
import re

import torch.distributed as dist
from torch.distributed.distributed_c10d import Store

FIRST = "zoo/first-failure"
GONE = ("gloo", "nccl", "connection closed", "connection reset")
"""What torch's error says of a partner that is gone."""


def first_failure(store: Store | None, rank: int, error: Exception) -> tuple[int, str]:
    """Whose error came first, and what it says. The store lies with the launcher, and outlives who fails."""
    mine = rank, told(error)
    if store is None:
        return mine
    try:
        first, text = json.loads(store.compare_set(FIRST, "", json.dumps(mine)))
    except dist.DistError:  # it lay with a process that is gone
        return mine
    return first, text


def told(error: Exception) -> str:
    """What to say of it: torch's own words on a partner that is gone are many."""
    if not lost(error):
        return str(error)
    words = re.sub(r"\[[^\]]*\]", "", str(error).partition("\n")[0]).partition(". ")[0]
    return f"another process ended without a word ({' '.join(words.split())})"


def lost(error: Exception) -> bool:
    """Whether this is only what a process sees of another's end."""
    text = str(error).lower()
    return isinstance(error, dist.DistError) or (isinstance(error, RuntimeError) and any(word in text for word in GONE))
