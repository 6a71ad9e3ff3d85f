"""ZeroGPU: a Hugging Face Space has a GPU only while a decorated function runs, in a process of its own."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

Function = TypeVar("Function", bound=Callable[..., object])


def on_zero_gpu() -> bool:
    """Return whether this is a ZeroGPU Space, as its package `spaces` decides it."""
    return os.environ.get("SPACES_ZERO_GPU", "").lower() in ("1", "t", "true")


def prepare_zero_gpu() -> None:
    """Import `spaces` on ZeroGPU. It must be imported before anything asks about CUDA."""
    if on_zero_gpu():
        import spaces  # noqa: F401


def uses_gpu(function: Function, *, duration: Callable[..., int]) -> Function:
    """Return the function decorated for ZeroGPU, and unchanged anywhere else.

    Args:
        function: Takes and returns plain data, which is sent to another process and back.
        duration: Returns how many seconds the function may take, from the same arguments.
    """
    if not on_zero_gpu():
        return function
    import spaces

    decorated: Function = spaces.GPU(function, duration=duration)
    return decorated
