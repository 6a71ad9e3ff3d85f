"""Trainings whose process is killed at random moments and resumed, compared with one that was not killed."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from zoo import resume, train
from zoo.files import sha256
from zoo.metrics.metrics_file import Metrics
from zoo.runs import Run, is_run
from zoo.training.history import TIMES

Settings = dict[str, Any]
KILLS = 24
FORKS = multiprocessing.get_context("forkserver")
"""Forks processes from a server that has imported torch, so that they start quickly."""


def train_or_resume(out: Path, settings: Settings, cache: str, log: Path) -> None:
    """Train as `zoo train` does, or resume if there is a run, with all output in a log file."""
    os.environ["ZOO_CACHE"] = cache
    with log.open("a") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    import torch

    torch.set_num_threads(1)
    if is_run(out):
        resume(out, save_every=0)
    else:
        train("resnet20", out=out, save_every=0, **settings)


@dataclass(frozen=True)
class Result:
    """Everything that must be the same for a run that was killed."""

    weights: str
    history: list[Settings]
    metrics: Metrics
    predictions: bytes
    files: list[str]

    @classmethod
    def of_run(cls, run: Run) -> Result:
        rows = [json.loads(line) for line in (run.path / "history.jsonl").read_text().splitlines()]
        assert run.record.status == "finished"
        return cls(
            weights=sha256(run.bundle / "model.safetensors"),
            history=[{key: value for key, value in row.items() if key not in TIMES} for row in rows],
            metrics=run.metrics,
            predictions=(run.path / "predictions.csv").read_bytes(),
            files=sorted(path.relative_to(run.path).as_posix() for path in run.path.rglob("*")),
        )


@pytest.fixture(scope="module")
def settings(quick: Settings) -> Settings:
    """Settings with everything that has a state: averages, early stopping, mixing, augmentation."""
    return {**quick, "epochs": 12, "mixing": "mixup", "augment": ("symmetries", "stain"), "patience": 11}


@pytest.fixture(scope="module")
def uninterrupted(settings: Settings, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Result]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZOO_CACHE", str(cache))
        yield Result.of_run(train("resnet20", out=tmp_path_factory.mktemp("uninterrupted") / "run", **settings))


class Killer:
    """Starts trainings and kills them."""

    def __init__(self, settings: Settings, cache: Path, log: Path) -> None:
        FORKS.set_forkserver_preload(["torch", "torchvision", "zoo.training", "tests.training.test_killed"])
        self.arguments = (settings, str(cache), log)
        self.random = random.Random(0)
        self.kills = self.within_a_write = 0

    def run(self, out: Path, most: int) -> Run:
        """Train, killing each process until one finishes first or there were so many kills; return the run."""
        while True:
            process = FORKS.Process(target=train_or_resume, args=(out, *self.arguments))
            process.start()
            if self.kills < most:
                self._wait(process, out)
                process.kill()
            process.join(120)
            if process.exitcode == 0:
                return Run.open(out)
            assert process.exitcode == -signal.SIGKILL, self.arguments[-1].read_text()
            self.kills += 1
            self.within_a_write += bool(list(out.glob("checkpoint/.*.part")))

    def _wait(self, process: Any, out: Path) -> None:
        """Wait for a new checkpoint and a random time; half of the times also until a file is half-written."""
        before = self._newest(out)
        self._wait_until(process, lambda: self._newest(out) != before)
        time.sleep(self.random.uniform(0, 0.15))
        if self.random.random() < 0.5:
            self._wait_until(process, lambda: bool(list(out.glob("checkpoint/.*.part"))))

    def _wait_until(self, process: Any, ready: Any) -> None:
        end = time.monotonic() + 60
        while process.is_alive() and not ready():
            assert time.monotonic() < end, self.arguments[-1].read_text()
            time.sleep(0.0005)

    def _newest(self, out: Path) -> str:
        return max((path.name for path in out.glob("checkpoint/step-*.json")), default="")


def test_a_run_whose_process_is_killed_twice_ends_with_the_same_bits(
    settings: Settings, uninterrupted: Result, cache: Path, tmp_path: Path
) -> None:
    killer = Killer(settings, cache, tmp_path / "log")
    run = killer.run(tmp_path / "run", most=2)
    assert killer.kills == 2
    assert Result.of_run(run) == uninterrupted


@pytest.mark.slow
def test_runs_killed_24_times_in_all_end_with_the_same_bits(
    settings: Settings, uninterrupted: Result, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    killer = Killer(settings, cache, tmp_path / "log")
    runs = 0
    while killer.kills < KILLS:
        runs += 1
        run = killer.run(tmp_path / f"run-{runs}", most=KILLS)
        assert Result.of_run(run) == uninterrupted, f"differs after {killer.kills} kills"
    with capsys.disabled():
        sys.stdout.write(
            f" {killer.kills} kills in {runs} runs, {killer.within_a_write} within a checkpoint's writing "
        )
    assert killer.within_a_write >= KILLS // 4
