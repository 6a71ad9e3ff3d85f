"""The state of the global random number generators of torch, NumPy and Python, kept while other code runs."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch


@contextmanager
def kept_random_state(device: torch.device | None = None) -> Iterator[None]:
    """Restore every global random number generator when the block ends.

    Args:
        device: The device whose generator is restored too, if it is a GPU.
    """
    devices = [device] if device is not None and device.type == "cuda" else []
    python, numpy = random.getstate(), np.random.get_state()
    try:
        with torch.random.fork_rng(devices=devices):
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
