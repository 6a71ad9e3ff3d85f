"""Whether torch.compile saves time in the rest of a training: decided after the first steps."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
from torch import Tensor

from zoo.training.batches import Batch
from zoo.training.cuda_graph import WARM_UP

COMPILE_SECONDS = 100.0
"""How long compiling is taken to last: twice what ResNet50 took beside 16 idle cores, since it lasts longer with deeper
networks and busy cores."""
COMPILE_SAVING = 0.31
"""The share of the time of ResNet50's steps that compiling saved, beside kernels launched one by one.

docs/performance.md has the measurement of both."""
LAUNCHED_ONE_BY_ONE = (2, WARM_UP)
"""The first and the last step that are timed before any is captured; in the first one of all, kernels are chosen."""
AS_NOW = (WARM_UP + 6, WARM_UP + 8)
"""The first and the last step that are timed when steps are replayed as a CUDA graph, if they can be."""


class CompileChoice:
    """Times gradients in the first steps of this process, and says whether compiling the network would save time.

    Compiling saves a share of the time of steps whose kernels are launched one by one. Replaying these as a CUDA graph
    may have saved more than that already.

    Args:
        device: The device to wait for.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._seconds: list[float] = []

    def time(self, gradients: Callable[[Batch], Tensor], batch: Batch) -> Tensor:
        """Compute the gradients of one step, and keep how long that took."""
        self._wait()
        began = time.perf_counter()
        loss = gradients(batch)
        self._wait()
        self._seconds.append(time.perf_counter() - began)
        return loss

    @property
    def is_ready(self) -> bool:
        """Whether enough steps were timed."""
        return len(self._seconds) >= AS_NOW[1]

    def decide(self, steps_left: int) -> tuple[bool, str]:
        """Return whether to compile, and the reason.

        Args:
            steps_left: The steps of the rest of the training.
        """
        launched, now = (min(self._seconds[first - 1 : last]) for first, last in (LAUNCHED_ONE_BY_ONE, AS_NOW))
        saved = (now - (1 - COMPILE_SAVING) * launched) * steps_left
        if saved > COMPILE_SECONDS:
            return True, f"compiling the network: of the {now * steps_left:.0f} s left, that saves about {saved:.0f} s"
        little = f"about {saved:.0f} s" if saved >= 1 else "no time"
        return False, f"not compiling the network: that saves {little} in the rest of the training, and may take longer"

    def _wait(self) -> None:
        """Wait until the device has done all that it was asked to do."""
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
