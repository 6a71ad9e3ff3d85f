"""The gradients of a batch, replayed as one CUDA graph.

Launching the kernels of a small network, or of a small batch, takes longer than computing them. A graph launches all of
them at once; docs/performance.md has what that is worth.

A graph repeats what was captured, whatever the code of the network would do now. So a network is captured only if two
steps ran the same operations with the same numbers, and drew random numbers from nothing but the GPU's generator,
which a graph follows.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map

from zoo.errors import TrainingError
from zoo.progress import Reporter
from zoo.training.batches import Batch
from zoo.training.gradients import Gradients

WARM_UP = 3
"""Steps before the first one that is observed: in these, libraries choose their kernels and allocate their memory."""


class ReplayedGradients:
    """Computes gradients like `gradients`, after the first steps as a CUDA graph if that is possible.

    Args:
        gradients: Computes the gradients of a batch; all batches have the same shape.
        device: The GPU.
        required: Whether it is an error if the step cannot be captured; otherwise it is only stated.
        progress: Shows messages.
    """

    def __init__(self, gradients: Gradients, *, device: torch.device, required: bool, progress: Reporter) -> None:
        self._gradients, self._device = gradients, device
        self._required, self._progress = required, progress
        self._steps = 0
        self._observed: list[tuple[object, ...]] = []
        self._possible = True
        self._graph: Graph | None = None

    def capture_if_ready(self, batch: Batch) -> bool:
        """Capture the step if the steps before have shown that it can be; return whether it was.

        Args:
            batch: A batch like those to come.
        """
        if self._graph or not self._possible or len(self._observed) < 2:
            return False
        self._possible = False
        reason = differences(*self._observed) or self._capture(batch)
        self._observed.clear()
        if not reason:
            return True
        if self._required:
            raise TrainingError(
                f"the training step cannot be replayed as a CUDA graph: {reason}", hint="leave out --cuda-graph yes"
            )
        self._progress.say(f"steps are not replayed as a CUDA graph: {reason}")
        return False

    def __call__(self, batch: Batch) -> Tensor:
        """Compute the gradients of all parameters, and return the mean loss."""
        if self._graph:
            return self._graph.replay(batch)
        self._steps += 1
        if not self._possible or self._steps <= WARM_UP:
            return self._gradients(batch)
        with beside_the_main_stream(self._device), Operations() as operations, random_numbers() as drawn:
            loss = self._gradients(batch)
        self._observed.append((*operations.found, *drawn()))
        return loss

    def _capture(self, batch: Batch) -> str:
        """Capture the step; return the reason if that fails."""
        try:
            self._graph = Graph(self._gradients, batch)
        except RuntimeError as error:
            # after a failed capture the next step runs as before
            return str(error).splitlines()[0]
        return ""


class Graph:
    """The gradients of a batch, captured.

    Args:
        gradients: Computes the gradients of a batch.
        batch: A batch like those that will be replayed.
    """

    def __init__(self, gradients: Callable[[Batch], Tensor], batch: Batch) -> None:
        self._batch = Batch(**{name: tensor.clone() for name, tensor in _tensors(batch).items()})
        self._graph = torch.cuda.CUDAGraph()
        # other threads write checkpoints, and may use the GPU while this one captures
        with torch.cuda.graph(self._graph, capture_error_mode="thread_local"):
            self._loss = gradients(self._batch)

    def replay(self, batch: Batch) -> Tensor:
        """Compute the gradients of a batch, and return its loss."""
        own = _tensors(self._batch)
        for name, tensor in _tensors(batch).items():
            own[name].copy_(tensor)
        self._graph.replay()
        return self._loss.clone()


def _tensors(batch: Batch) -> dict[str, Tensor]:
    """Return the tensors of a batch by name."""
    values = {field.name: getattr(batch, field.name) for field in fields(batch)}
    return {name: value for name, value in values.items() if value is not None}


class Operations(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """The operations that run inside the block, with the shapes of their tensors and their other arguments."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.found: list[object] = []

    def __torch_dispatch__(
        self, func: Any, types: object, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        self.found.append((str(func), repr(tree_map(_described, (args, kwargs)))))
        return func(*args, **(kwargs or {}))


def _described(value: object) -> object:
    """Return the shape and type of a tensor, and any other value as it is."""
    return (tuple(value.shape), value.dtype, value.device.type) if isinstance(value, Tensor) else value


def differences(first: Sequence[object], second: Sequence[object]) -> str:
    """Return why a step cannot be captured, from what two steps did; empty if it can be."""
    for before, after in zip(first, second, strict=False):
        if before != after:
            return f"the network does not do the same in each step ({cut(before)}, then {cut(after)})"
    if len(first) != len(second):
        return f"the network does not do the same in each step ({len(first)} operations, then {len(second)})"
    drawn = [item for item in second if isinstance(item, str)]
    return f"the network draws random numbers from {drawn[0]}" if drawn else ""


def cut(item: object) -> str:
    """Return an operation as text of a length that can be read."""
    text = " ".join(item) if isinstance(item, tuple) else str(item)
    return text if len(text) <= 80 else f"{text[:80]}..."


@contextmanager
def random_numbers() -> Iterator[Callable[[], list[str]]]:
    """Return a function that names the generators on the host from which numbers were drawn inside the block."""

    def states() -> dict[str, Any]:
        return {
            "Python's generator": random.getstate(),
            "NumPy's generator": _numpy_state(),
            "PyTorch's generator on the CPU": torch.get_rng_state().numpy().tobytes(),
        }

    before = states()
    yield lambda: [name for name, state in states().items() if state != before[name]]


def _numpy_state() -> bytes:
    """Return the state of NumPy's global generator, which the code of a network may use."""
    state: Any = np.random.get_state(legacy=False)
    return b"".join(np.asarray(value).tobytes() for value in state["state"].values())


@contextmanager
def beside_the_main_stream(device: torch.device) -> Iterator[None]:
    """Compute on a stream of its own, as a capture does: nothing may be bound to the main one."""
    if device.type != "cuda":
        yield
        return
    side = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
    side.wait_stream(torch.cuda.current_stream(device))
    with torch.cuda.stream(side):
        yield
    torch.cuda.current_stream(device).wait_stream(side)
