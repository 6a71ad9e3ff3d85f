"""Losses on their way from the GPU to the host, which does not wait for them.

On a GPU a step's loss is read some steps later, when it is surely computed. All processes read the loss of the same
step at the same time, so that all stop, or fail, after the same step.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable

import torch
from torch import Tensor

from zoo.distributed.world import World
from zoo.errors import TrainingError

DELAY = 4
"""How many steps later a loss is read on a GPU."""


class LossQueue:
    """The losses of the last few steps, which have not been read yet."""

    def __init__(
        self,
        device: torch.device,
        world: World,
        divergence_error: Callable[[int, float], TrainingError | None],
    ) -> None:
        """Make an empty queue.

        Args:
            device: The device that computes the losses.
            world: The processes that train together.
            divergence_error: Called with a step and its loss if the loss or the norm of the weights is not finite;
                returns the error to raise, or None if there is none.
        """
        self._delay = DELAY if device.type == "cuda" else 0
        self._world, self._divergence_error = world, divergence_error
        self._waiting: deque[tuple[int, Tensor, torch.cuda.Event | None]] = deque()
        self._stop_requested_at: int | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def push(self, step: int, loss: Tensor, *, norm: Tensor, stop: bool) -> None:
        """Add a step.

        Args:
            step: The number of the step.
            loss: This process's share of its loss.
            norm: The norm of the weights after it.
            stop: Whether this process was asked to stop.
        """
        values = self._world.sum(torch.stack([loss, norm, torch.full_like(loss, float(stop))]))
        event = None
        if self._delay:
            event = torch.cuda.Event()  # type: ignore[no-untyped-call]
            stream = torch.cuda.current_stream(values.device)  # that of this GPU, which may not be the current one
            values = torch.empty(values.shape, pin_memory=True).copy_(values, non_blocking=True)
            event.record(stream)
        self._waiting.append((step, values, event))

    def read(self, *, wait_for_all: bool = False) -> float:
        """Return the sum of the losses that are old enough to be read, or of all, waiting for the device.

        Raises:
            TrainingError: The loss of a step, or a weight after it, is not finite.
        """
        total = 0.0
        while len(self._waiting) > (0 if wait_for_all else self._delay):
            step, values, event = self._waiting.popleft()
            if event is not None:
                event.synchronize()
            loss, norm, stop = values.tolist()
            if not (math.isfinite(loss) and math.isfinite(norm)) and (error := self._divergence_error(step, loss)):
                raise error
            total += loss
            if stop and self._stop_requested_at is None:
                self._stop_requested_at = step
        return total

    def stops_after(self, step: int) -> bool:
        """Whether training stops after this step, because some process was asked to stop.

        A process that reads losses early, for a checkpoint, knows this sooner; it stops after the same step as others.
        """
        return self._stop_requested_at is not None and step >= self._stop_requested_at + self._delay
