"""Which of several processes failed first: the errors of the others only follow from it."""

from __future__ import annotations

import json
import re

import torch.distributed as dist
from torch.distributed.distributed_c10d import Store

FIRST = "zoo/first-failure"
GONE = ("gloo", "nccl", "connection closed", "connection reset")
"""What torch's error says when another process is gone."""


def first_failure(store: Store | None, rank: int, error: Exception) -> tuple[int, str]:
    """Return the rank of the process that failed first, and its error. The launcher keeps the store."""
    mine = rank, _describe(error)
    if store is None:
        return mine
    try:
        first, text = json.loads(store.compare_set(FIRST, "", json.dumps(mine)))
    except dist.DistError:  # a process that is gone kept the store
        return mine
    return first, text


def _describe(error: Exception) -> str:
    """Return an error's message, shortened if it is torch's long one about a process that is gone."""
    if not is_lost_connection(error):
        return str(error)
    words = re.sub(r"\[[^\]]*\]", "", str(error).partition("\n")[0]).partition(". ")[0]
    return f"another process exited without an error message ({' '.join(words.split())})"


def is_lost_connection(error: Exception) -> bool:
    """Whether an error only says that another process is gone."""
    text = str(error).lower()
    return isinstance(error, dist.DistError) or (isinstance(error, RuntimeError) and any(word in text for word in GONE))
