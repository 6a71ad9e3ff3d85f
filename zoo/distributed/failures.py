"""Which of several processes failed first: the errors of the others only follow from it."""

from __future__ import annotations

import json
import re

import torch.distributed as dist
from torch.distributed.distributed_c10d import Store

FIRST = "zoo/first-failure"
LOST = ("gloo", "nccl", "connection closed", "connection reset")
"""Words in the errors of torch after another process has exited."""


def first_failure(store: Store | None, rank: int, error: Exception) -> tuple[int, str]:
    """Return the rank of the process that failed first, and its error. The launcher holds the store."""
    failure = rank, _describe(error)
    if store is None:
        return failure
    try:
        first, text = json.loads(store.compare_set(FIRST, "", json.dumps(failure)))
    except dist.DistError:  # the store was held by a process that has exited
        return failure
    return first, text


def failed_process(store: Store | None) -> int | None:
    """Return the rank of the process that failed first; None if none has failed."""
    if store is None:
        return None
    try:
        return int(json.loads(store.get(FIRST))[0]) if store.check([FIRST]) else None
    except dist.DistError:  # the store was held by a process that has exited
        return None


def _describe(error: Exception) -> str:
    """Return the message of an error; that of torch about a process that has exited is shortened."""
    if not is_lost_connection(error):
        return str(error)
    words = re.sub(r"\[[^\]]*\]", "", str(error).partition("\n")[0]).partition(". ")[0]
    return f"another process exited without an error message ({' '.join(words.split())})"


def is_lost_connection(error: Exception) -> bool:
    """Return whether an error only means that another process has exited."""
    text = str(error).lower()
    return isinstance(error, dist.DistError) or (isinstance(error, RuntimeError) and any(word in text for word in LOST))
