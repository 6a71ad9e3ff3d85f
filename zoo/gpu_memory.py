"""A GPU whose memory is full: one error that says what did not fit, and what to change."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

from zoo.errors import GpuMemoryError

ELSEWHERE = "use another GPU (--device cuda:1) or the CPU (--device cpu); nvidia-smi shows what else uses this one"
"""What helps if batches cannot be made smaller."""


@contextmanager
def gpu_memory_errors(doing: str | Callable[[], str], *, hint: str = ELSEWHERE) -> Iterator[None]:
    """Raise torch's error for a GPU whose memory is full as a GpuMemoryError, and free what the block had there.

    Args:
        doing: What is computed in the block, such as "in epoch 1, step 3 of 10"; a function is called for it if needed.
        hint: What to change.
    """
    try:
        yield
    except torch.OutOfMemoryError as error:
        text = doing if isinstance(doing, str) else doing()
        traceback.clear_frames(error.__traceback__)  # their variables are tensors, which would stay on the GPU
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        raise GpuMemoryError(f"the memory of the GPU is full {text}{_amounts(str(error))}", hint=hint) from error


def _amounts(text: str) -> str:
    """Return how much memory was asked for and how much there was, if torch's message says it."""
    asked = re.search(r"Tried to allocate ([\d.]+ \w+)", text)
    there = re.search(r"total capacity of ([\d.]+ \w+) of which ([\d.]+ \w+) is free", text)
    facts = [f"{asked[1]} more were needed"] if asked else []
    if there:
        facts.append(f"{there[2]} of {there[1]} are free")
    return f" ({', '.join(facts)})" if facts else ""
