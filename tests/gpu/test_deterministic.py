"""A training with `--deterministic` gives the same bits again, and after it was killed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from tests.architectures import one_of_each_architecture
from tests.gpu.python_process import PythonProcess
from tests.gpu.trained_weights import differing, train_by_hand, weights_of
from tests.training.killed_trainings import Killer, Result
from zoo import train
from zoo.device import choose_compute
from zoo.registry import registry
from zoo.runs import Run

pytestmark = pytest.mark.gpu
Settings = dict[str, Any]
STEPS = 3


@pytest.fixture(scope="module")
def settings(on_gpu: Settings) -> Settings:
    """Settings with everything that has a state or draws numbers, and whose gradients are summed."""
    every = ("symmetries", "crop", "stain", "blur", "cutout")
    return {**on_gpu, "deterministic": True, "epochs": 8, "mixing": "mixup", "augment": every}


@pytest.fixture(scope="module")
def uninterrupted(settings: Settings, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZOO_CACHE", str(cache))
        return train("cbam20", out=tmp_path_factory.mktemp("uninterrupted") / "run", **settings)


def test_a_deterministic_training_gives_the_same_bits_twice(
    settings: Settings, uninterrupted: Run, tmp_path: Path
) -> None:
    assert Result.of_run(train("cbam20", out=tmp_path / "run", **settings)) == Result.of_run(uninterrupted)


def test_a_deterministic_training_that_is_killed_and_resumed_gives_the_same_bits(
    settings: Settings, uninterrupted: Run, cache: Path, tmp_path: Path
) -> None:
    killer = Killer("cbam20", settings, cache, tmp_path / "log")
    run = killer.run(tmp_path / "run", most=1)
    assert killer.kills == 1
    assert Result.of_run(run) == Result.of_run(uninterrupted)


def test_a_deterministic_training_runs_from_the_command_line(
    settings: Settings, uninterrupted: Run, python: PythonProcess, tmp_path: Path
) -> None:
    """The same settings as options; with what torch needs in the environment, or with nothing."""
    words = [f"--{name.replace('_', '-')}={value}" for name, value in settings.items() if isinstance(value, str | int)]
    words = [word for word in words if not word.startswith("--deterministic")]
    words += [f"--root={settings['root']}", f"--augment={','.join(settings['augment'])}", "--deterministic"]
    answer = python.command("-m", "zoo", "train", "cbam20", f"--out={tmp_path / 'run'}", *words)
    assert answer.status == 0, answer.err
    assert not differing(weights_of(Run.open(tmp_path / "run")), weights_of(uninterrupted))


def test_a_deterministic_training_runs_after_another_one_in_the_same_process(
    on_gpu: Settings, python: PythonProcess, tmp_path: Path
) -> None:
    """cuBLAS reads its setting once, when it first multiplies matrices."""
    answer = python.run(
        """
        import zoo
        one = zoo.train("resnet20", out="one", **settings)
        other = zoo.train("resnet20", out="other", deterministic=True, **settings)
        """,
        {**on_gpu, "epochs": 1},
        CUBLAS_WORKSPACE_CONFIG="",
    )
    assert answer.status == 0, answer.err


@pytest.mark.parametrize("name", one_of_each_architecture())
def test_every_architecture_trains_deterministically(name: str, gpu_device: torch.device) -> None:
    """No operation of a network lacks a deterministic implementation: torch raises an error for one that does."""
    compute = choose_compute(str(gpu_device), deterministic=True)
    size = registry().model(name).preprocessing
    results = [train_by_hand(name, compute, size=(size.height, size.width), steps=STEPS, images=2) for _ in range(2)]
    assert results[0][0] == results[1][0]
    assert not differing(results[0][1], results[1][1])
