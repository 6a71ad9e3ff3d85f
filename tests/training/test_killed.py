"""Trainings whose process is killed at random moments and resumed, compared with one that was not killed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.training.killed_trainings import Killer, Result, Settings
from zoo import train

KILLS = 6


@pytest.fixture(scope="module")
def settings(quick: Settings) -> Settings:
    """Settings with everything that has a state: averages, early stopping, mixing, augmentation."""
    return {**quick, "epochs": 12, "mixing": "mixup", "augment": ("symmetries", "stain"), "patience": 11}


@pytest.fixture(scope="module")
def uninterrupted(settings: Settings, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Result]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZOO_CACHE", str(cache))
        yield Result.of_run(train("resnet20", out=tmp_path_factory.mktemp("uninterrupted") / "run", **settings))


def test_a_run_whose_process_is_killed_ends_with_the_same_bits(
    settings: Settings, uninterrupted: Result, cache: Path, tmp_path: Path
) -> None:
    killer = Killer("resnet20", settings, cache, tmp_path / "log")
    run = killer.run(tmp_path / "run", most=1)
    assert killer.kills == 1
    assert Result.of_run(run) == uninterrupted


@pytest.mark.slow
def test_runs_killed_6_times_in_all_end_with_the_same_bits(
    settings: Settings, uninterrupted: Result, cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    killer = Killer("resnet20", settings, cache, tmp_path / "log")
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
