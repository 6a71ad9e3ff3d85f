"""When `--compile auto` compiles the network, seen without a GPU."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

import zoo.training.start
from zoo import train
from zoo.config.train_config import TrainConfig
from zoo.device import choose_compute
from zoo.distributed.world import World
from zoo.training import compile_choice
from zoo.training.batches import Batch
from zoo.training.compile_choice import AS_NOW, CompileChoice
from zoo.training.compute import plan_compute
from zoo.training.plan import make_plan

COLD = 8.0
"""Seconds of a first step, in which kernels are loaded and chosen."""
CPU = torch.device("cpu")
BATCH = Batch(images=torch.ones(1), labels=torch.ones(1))


class Clock:
    """A clock that only moves when steps are computed."""

    def __init__(self, seconds: Iterable[float]) -> None:
        self.now, self._seconds = 0.0, iter(seconds)

    def perf_counter(self) -> float:
        return self.now

    def step(self, batch: Batch) -> Tensor:
        self.now += next(self._seconds)
        return torch.zeros(())


def choice_after(launched: float, now: float, monkeypatch: pytest.MonkeyPatch) -> CompileChoice:
    """Return the choice after steps of so many seconds, first launched one by one, then as they are from now on."""
    clock, choice = Clock([COLD, launched, launched, 5 * launched, 5 * launched, *[now] * 10]), CompileChoice(CPU)
    monkeypatch.setattr(compile_choice, "time", clock)
    while not choice.is_ready:
        choice.time(clock.step, BATCH)
    return choice


@pytest.mark.parametrize(
    ("launched", "now", "steps", "compiled"),
    [
        pytest.param(0.0547, 0.0536, 10_000, True, id="a large network with much left to train"),
        pytest.param(0.0547, 0.0536, 3_000, False, id="a large network with little left to train"),
        pytest.param(0.140, 0.0175, 1_000_000, False, id="a small network whose replayed steps are faster"),
        pytest.param(0.0547, 0.0547, 10_000, True, id="steps that are not replayed"),
        pytest.param(0.010, 0.002, 3_000, False, id="a cold start is not the time of a step"),
    ],
)
def test_a_network_is_compiled_only_if_that_saves_more_time_than_it_takes(
    launched: float, now: float, steps: int, compiled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided, reason = choice_after(launched, now, monkeypatch).decide(steps)
    assert decided == compiled
    assert reason.startswith("compiling" if compiled else "not compiling")
    assert ("no time" in reason) == (launched > 4 * now)


@pytest.mark.parametrize(("cuda_graph", "compiled"), [("auto", "auto"), ("no", "auto"), ("yes", "no")])
def test_a_cuda_graph_that_was_asked_for_is_not_given_up_for_compiling(cuda_graph: Any, compiled: str) -> None:
    plan = make_plan(TrainConfig.from_keywords("resnet20", {"cuda_graph": cuda_graph, "resident": "no"}))
    on_gpu = replace(choose_compute("cpu"), device=torch.device("cuda"))
    assert plan_compute(plan, on_gpu, images=10, world=World()).compiled == compiled


@pytest.mark.parametrize("saves", [True, False])
def test_a_training_that_decides_to_compile_goes_on_with_the_compiled_network(
    saves: bool, quick: dict[str, Any], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled: list[Any] = []
    plan = zoo.training.start.plan_compute
    monkeypatch.setattr(zoo.training.start, "plan_compute", lambda *a, **k: replace(plan(*a, **k), compiled="auto"))
    monkeypatch.setattr(CompileChoice, "decide", lambda _self, steps: (saves, f"{steps} are left"))
    monkeypatch.setattr(torch, "compile", lambda network: compiled.append(network) or network)
    settings = {**quick, "batch_size": 4, "epochs": 4, "model_options": {"depth": 8}}
    run = train("resnet20", out=tmp_path / "run", **settings)
    assert len(compiled) == saves
    assert run.history[-1].step > AS_NOW[1]
    monkeypatch.undo()
    plain = train("resnet20", out=tmp_path / "plain", **settings)
    assert [row.train_loss for row in run.history] == [row.train_loss for row in plain.history]
