"""Which steps can be replayed as a CUDA graph, seen without a GPU; tests/gpu/test_cuda_graph.py replays them."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from zoo.errors import TrainingError, UsageError
from zoo.progress import Silent
from zoo.training.batches import Batch
from zoo.training.cuda_graph import WARM_UP, ReplayedGradients


class Said(Silent):
    """Keeps the messages."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, message: str) -> None:
        self.lines.append(message)


class Steps:
    """Gradients of a linear layer whose input goes through a function first."""

    def __init__(self, before: Callable[[Tensor], Tensor]) -> None:
        self.network = nn.Linear(3, 1)
        self.before = before

    def __call__(self, batch: Batch) -> Tensor:
        loss = self.network(self.before(batch.images)).sum()
        self.network.zero_grad()
        loss.backward()
        return loss.detach()


def what_is_said(before: Callable[[Tensor], Tensor], *, required: bool = False) -> str:
    """Return the message after as many steps as it takes to decide."""
    steps, said = Steps(before), Said()
    replayed: Any = ReplayedGradients(
        steps,  # type: ignore[arg-type]
        device=torch.device("cpu"),
        required=required,
        progress=said,
    )
    batch = Batch(images=torch.ones(2, 3), labels=torch.zeros(2))
    for _ in range(WARM_UP + 4):
        replayed.capture_if_ready(batch)
        assert torch.equal(replayed(batch), steps(batch)) or before in RANDOM.values()
    (line,) = said.lines
    return line


def drawn_in_python(x: Tensor) -> Tensor:
    return x if random.random() < 2 else -x


def drawn_in_numpy(x: Tensor) -> Tensor:
    return x if np.random.random() < 2 else -x


def drawn_by_torch(x: Tensor) -> Tensor:
    return x if torch.rand(()).item() < 2 else -x


RANDOM = {"Python's": drawn_in_python, "NumPy's": drawn_in_numpy, "PyTorch's": drawn_by_torch}


@pytest.mark.parametrize("whose", RANDOM)
def test_a_network_that_draws_random_numbers_on_the_host_is_not_captured(whose: str) -> None:
    assert f"draws random numbers from {whose}" in what_is_said(RANDOM[whose])


def test_a_network_that_does_something_else_in_each_step_is_not_captured() -> None:
    calls = iter(range(1000))
    assert "does not do the same in each step" in what_is_said(lambda x: x if next(calls) % 4 < 2 else x + 0)


def test_a_network_with_a_number_that_changes_from_step_to_step_is_not_captured() -> None:
    calls = iter(range(1000))
    assert "does not do the same in each step" in what_is_said(lambda x: x * (1 + 0 * next(calls) + next(calls) * 1e-9))


def test_a_step_that_cannot_be_captured_is_computed_as_before_and_the_reason_is_stated() -> None:
    """Without a GPU, no step can be."""
    assert "steps are not replayed as a CUDA graph: " in what_is_said(lambda x: x)


def test_it_is_an_error_if_it_was_asked_for() -> None:
    with pytest.raises(TrainingError, match="cannot be replayed as a CUDA graph: the network draws random numbers"):
        what_is_said(drawn_in_python, required=True)


def test_a_cuda_graph_needs_a_gpu(quick: dict[str, Any]) -> None:
    from zoo import train

    with pytest.raises(UsageError, match="needs an NVIDIA GPU"):
        train("cbam20", cuda_graph="yes", **quick)
