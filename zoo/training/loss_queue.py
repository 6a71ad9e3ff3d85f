"""What the host learns of each step, without holding up the device.

On a GPU a step's loss is read some steps later, when it is long known there. All processes hear of the same step's loss
at the same time, so that what follows from it, all of them do after the same step.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable

import torch
from torch import Tensor

from zoo.distributed.world import World
from zoo.errors import TrainingError

BEHIND = 4
"""Steps between taking one and reading its loss, on a GPU."""


class LossQueue:
    """The last few steps on their way to the host."""

    def __init__(self, device: torch.device, world: World, diverged: Callable[[int, float], TrainingError]) -> None:
        self._behind = BEHIND if device.type == "cuda" else 0
        self._world, self._diverged = world, diverged
        self._waiting: deque[tuple[int, Tensor, torch.cuda.Event | None]] = deque()
        self._asked_at: int | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def push(self, step: int, loss: Tensor, *, stop: bool) -> None:
        """One more: this process's part of its loss, and whether this process was asked to stop."""
        word = self._world.sum(torch.stack([loss, torch.full_like(loss, float(stop))]))
        event = None
        if self._behind:
            word = torch.empty(word.shape, pin_memory=True).copy_(word, non_blocking=True)
            event = torch.cuda.Event()  # type: ignore[no-untyped-call]
            event.record()
        self._waiting.append((step, word, event))

    def settle(self, *, all_of_them: bool = False) -> float:
        """The sum of the losses that have become known; of all, if the device is to be waited for."""
        total = 0.0
        while len(self._waiting) > (0 if all_of_them else self._behind):
            step, word, event = self._waiting.popleft()
            if event is not None:
                event.synchronize()
            loss, stop = word.tolist()
            if not math.isfinite(loss):
                raise self._diverged(step, loss)
            total += loss
            if stop and self._asked_at is None:
                self._asked_at = step
        return total

    def stops_after(self, step: int) -> bool:
        """Whether this step is the last, as some process was asked to stop.

        A process that settled early, for a checkpoint, knows sooner; it stops after the same step as the others.
        """
        return self._asked_at is not None and step >= self._asked_at + self._behind
