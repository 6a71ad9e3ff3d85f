"""ZeroGPU: a Hugging Face Space may have a GPU only while a decorated function runs."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import TypeVar

Function = TypeVar("Function", bound=Callable[..., object])

ON_SPACE = find_spec("spaces") is not None
"""Whether this is a Hugging Face Space, which has the package `spaces` installed."""


def uses_gpu(function: Function) -> Function:
    """Return the function decorated for ZeroGPU on a Space, and unchanged anywhere else."""
    if not ON_SPACE:
        return function
    import spaces

    decorated: Function = spaces.GPU(function)
    return decorated
