"""A GPU that is lent for each call, where there is such a thing."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import TypeVar

Work = TypeVar("Work", bound=Callable[..., object])

LENT = find_spec("spaces") is not None
"""Whether this is a Hugging Face Space, where a GPU may be there only while a marked function runs."""


def on_gpu(work: Work) -> Work:
    """Mark a function that needs the GPU."""
    if not LENT:
        return work
    import spaces

    marked: Work = spaces.GPU(work)
    return marked
