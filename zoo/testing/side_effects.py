"""What code changes outside of what it returns: global settings, random number generators, standard output."""

from __future__ import annotations

import io
import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, field

import numpy as np
import torch

from zoo.random_state import kept_random_state

STDOUT = 1


@dataclass
class SideEffects:
    """What the code in a block changed, one sentence for each change."""

    found: list[str] = field(default_factory=list)


_SETTINGS: dict[str, tuple[Callable[[], object], Callable[..., object]]] = {
    "torch's default dtype": (torch.get_default_dtype, torch.set_default_dtype),
    "the number of threads": (torch.get_num_threads, torch.set_num_threads),
    "whether gradients are computed": (torch.is_grad_enabled, torch.set_grad_enabled),
    "whether algorithms are deterministic": (
        torch.are_deterministic_algorithms_enabled,
        torch.use_deterministic_algorithms,
    ),
    "the working directory": (os.getcwd, os.chdir),
    "Python's recursion limit": (sys.getrecursionlimit, sys.setrecursionlimit),
}
"""Global settings: how each is read and written."""


@contextmanager
def kept_settings() -> Iterator[None]:
    """Restore global settings and random number generators when the block ends."""
    before = {name: read() for name, (read, _) in _SETTINGS.items()}
    try:
        with kept_random_state():
            yield
    finally:
        for name, (read, write) in _SETTINGS.items():
            if read() != before[name]:
                write(before[name])


@contextmanager
def recorded_side_effects() -> Iterator[SideEffects]:
    """Yield a list that has, when the block has ended, a sentence for everything that it changed."""
    effects = SideEffects()
    settings = {name: read() for name, (read, _) in _SETTINGS.items()}
    python, numpy = random.getstate(), np.random.get_state(legacy=False)
    with _recorded_output() as printed:
        yield effects
    for name, (read, _) in _SETTINGS.items():
        if (now := read()) != settings[name]:
            effects.found.append(f"changes {name} from {settings[name]} to {now}")
    if random.getstate() != python:
        effects.found.append("draws from Python's random number generator, or seeds it")
    if repr(np.random.get_state(legacy=False)) != repr(numpy):
        effects.found.append("draws from NumPy's global random number generator, or seeds it")
    if text := "".join(printed).strip():
        effects.found.append(f"prints {text.splitlines()[0][:80]!r}")


@contextmanager
def _recorded_output() -> Iterator[list[str]]:
    """Yield a list to which the text is added that the block writes to standard output, in Python or elsewhere."""
    printed: list[str] = []
    text = io.StringIO()
    with tempfile.TemporaryFile() as file:
        sys.stdout.flush()
        before = os.dup(STDOUT)
        os.dup2(file.fileno(), STDOUT)
        try:
            with redirect_stdout(text):
                yield printed
        finally:
            os.dup2(before, STDOUT)
            os.close(before)
            file.seek(0)
            with suppress(ValueError):  # the block has closed its standard output
                printed.append(text.getvalue())
            printed.append(file.read().decode(errors="replace"))
