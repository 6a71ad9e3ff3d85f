"""The bars that the Hub's client draws while it uploads: only where somebody sees them move."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def bars_only_in_a_terminal() -> Iterator[None]:
    """Draw no bars while a block runs if standard error is a file, where each step would be another line."""
    from huggingface_hub.utils import (  # type: ignore[attr-defined]
        are_progress_bars_disabled,
        disable_progress_bars,
        enable_progress_bars,
    )

    if sys.stderr.isatty() or "ipykernel" in sys.modules or are_progress_bars_disabled():
        yield
        return
    disable_progress_bars()
    try:
        yield
    finally:
        enable_progress_bars()
