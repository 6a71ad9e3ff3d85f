"""Processes that are killed in the middle of training, again and again, end with the same bits as one that was not."""

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
from zoo.runs import Run, is_run
from zoo.training.history import TIMES

Settings = dict[str, Any]
KILLS = 24
FORKS = multiprocessing.get_context("forkserver")
"""Its children begin with torch imported: they start in no time, and are processes of their own."""


def sit(out: Path, settings: Settings, cache: str, log: Path) -> None:
    """One sitting: what `zoo train` does, or `zoo train --resume` if there is something to go on with."""
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
    """All that must not differ."""

    weights: str
    history: list[Settings]
    metrics: Settings
    predictions: bytes
    left: list[str]

    @classmethod
    def of(cls, run: Run) -> Result:
        rows = [json.loads(line) for line in (run.path / "history.jsonl").read_text().splitlines()]
        assert run.record.status == "finished"
        return cls(
            weights=sha256(run.bundle / "model.safetensors"),
            history=[{key: value for key, value in row.items() if key not in TIMES} for row in rows],
            metrics=run.metrics,
            predictions=(run.path / "predictions.csv").read_bytes(),
            left=sorted(path.relative_to(run.path).as_posix() for path in run.path.rglob("*")),
        )


@pytest.fixture(scope="module")
def long(quick: Settings) -> Settings:
    """Everything that could remember something: averages, early stopping, mixing, augmentation."""
    return {**quick, "epochs": 12, "mixing": "mixup", "augment": ("symmetries", "stain"), "patience": 11}


@pytest.fixture(scope="module")
def undisturbed(long: Settings, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Result]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZOO_CACHE", str(cache))
        yield Result.of(train("resnet20", out=tmp_path_factory.mktemp("undisturbed") / "run", **long))


class Killer:
    """Lets a sitting go on for a while, and kills it."""

    def __init__(self, settings: Settings, cache: Path, log: Path) -> None:
        FORKS.set_forkserver_preload(["torch", "torchvision", "zoo.training", "tests.training.test_killed"])
        self.arguments = (settings, str(cache), log)
        self.chance = random.Random(0)
        self.kills = self.within_a_write = 0

    def drive(self, out: Path, most: int) -> Run:
        """Sitting after sitting, each killed but the one that finishes, or comes after so many kills."""
        while True:
            process = FORKS.Process(target=sit, args=(out, *self.arguments))
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
        """Until some steps are done and a random moment has come; every other time, until a file is half there."""
        before = self._newest(out)
        self._until(process, lambda: self._newest(out) != before)
        time.sleep(self.chance.uniform(0, 0.15))
        if self.chance.random() < 0.5:
            self._until(process, lambda: bool(list(out.glob("checkpoint/.*.part"))))

    def _until(self, process: Any, ready: Any) -> None:
        end = time.monotonic() + 60
        while process.is_alive() and not ready():
            assert time.monotonic() < end, self.arguments[-1].read_text()
            time.sleep(0.0005)

    def _newest(self, out: Path) -> str:
        return max((path.name for path in out.glob("checkpoint/step-*.json")), default="")


def test_killed_twice(long: Settings, undisturbed: Result, cache: Path, tmp_path: Path) -> None:
    killer = Killer(long, cache, tmp_path / "log")
    run = killer.drive(tmp_path / "run", most=2)
    assert killer.kills == 2
    assert Result.of(run) == undisturbed


@pytest.mark.slow
def test_killed_again_and_again(
    long: Settings, undisturbed: Result, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    killer = Killer(long, cache, tmp_path / "log")
    runs = 0
    while killer.kills < KILLS:
        runs += 1
        run = killer.drive(tmp_path / f"run-{runs}", most=KILLS)
        assert Result.of(run) == undisturbed, f"differs after {killer.kills} kills"
    with capsys.disabled():
        sys.stdout.write(
            f" {killer.kills} kills in {runs} runs, {killer.within_a_write} within a checkpoint's writing "
        )
    assert killer.within_a_write >= KILLS // 4
