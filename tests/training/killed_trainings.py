"""Trainings whose process is killed at random moments and resumed, and everything that must then be the same."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.training.epochs import TIMES
from zoo import resume, train
from zoo.files import sha256
from zoo.metrics.metrics_file import Metrics
from zoo.runs import Run, is_run

Settings = dict[str, Any]
FORKS = multiprocessing.get_context("forkserver")
"""Forks processes from a server that has imported torch, so that they start quickly."""


def train_or_resume(out: Path, model: str, settings: Settings, cache: str, log: Path) -> None:
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
        train(model, out=out, save_every=0, **settings)


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


class Killer:
    """Starts trainings and kills them."""

    def __init__(self, model: str, settings: Settings, cache: Path, log: Path) -> None:
        FORKS.set_forkserver_preload(["torch", "torchvision", "zoo.training", "tests.training.killed_trainings"])
        self.arguments = (model, settings, str(cache), log)
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
