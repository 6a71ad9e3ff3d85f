"""What many tests share: no test touches the user's cache, the network or the working directory."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.empty_charts import empty_charts as saved_empty
from tests.installed_packages import Answer
from tests.listening import Listener
from tests.warm_python import WarmPython
from zoo.process import collect_garbage_rarely
from zoo.registry import registry
from zoo.runs import Run

pytest_plugins = ["tests.bundles"]

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("GOMP_SPINCOUNT", "0")  # a thread that waits leaves its core to the other worker
os.environ.setdefault("OMP_NUM_THREADS", "1")  # for networks this small, threads take more time than they save

collect_garbage_rarely()
signal.signal(signal.SIGINT, signal.default_int_handler)
"""Started in the background, tests ignore Ctrl-C, and so would the processes that they start and interrupt."""


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Let each worker run neighboring tests, which share fixtures, and take from the other one at the end."""
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)


@pytest.hookimpl
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest tests first."""
    items.sort(key=lambda item: item.get_closest_marker("longest") is None)


def pytest_collection_finish() -> None:
    """Leave the tests and all modules out of later garbage collections, which would go through them each time."""
    gc.freeze()


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for the whole run, and for all its workers, so that the synthetic sample is drawn once."""
    folder = tmp_path_factory.getbasetemp()
    shared = (folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "cache"
    shared.mkdir(exist_ok=True)
    return shared


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    root = Path(__file__).parent.parent
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", str(root)]
    subprocess.run([*command, "--wheel-dir", str(folder)], check=True, cwd=folder)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def warm_python() -> Iterator[WarmPython]:
    """Python that begins with slow packages imported, for commands whose imports are not what is tested."""
    with WarmPython() as python:
        yield python


@pytest.fixture
def warm_runs(warm_python: WarmPython, monkeypatch: pytest.MonkeyPatch) -> None:
    """Train the runs of grids in processes that begin with slow packages imported."""
    monkeypatch.setattr(sys, "executable", warm_python.executable)


@pytest.fixture(autouse=True)
def _alone(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run every test in a separate folder."""
    monkeypatch.setenv("ZOO_CACHE", str(cache))
    monkeypatch.delenv("ZOO_REGISTRY", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def tiles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of two classes that anything can learn: 20 dark and 20 bright tiles of noise."""
    root = tmp_path_factory.mktemp("data") / "tiles"
    noise = np.random.default_rng(0)
    for name, middle in (("bright", 180), ("dark", 90)):
        (root / name).mkdir(parents=True)
        for number in range(20):
            pixels = noise.normal(middle, 40, (40, 48, 3)).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(root / name / f"{number:02d}.png")
    return root


@pytest.fixture(scope="session")
def quick(tiles: Path) -> dict[str, Any]:
    """A training of a second: everything but the model's name."""
    size = {"height": 32, "width": 32, "epochs": 2, "batch_size": 8}
    kept = {"select": "balanced_accuracy"}
    return {
        "data": "folder",
        "root": tiles,
        "recipe": "modern",
        "augment": ("symmetries",),
        "device": "cpu",
        **size,
        **kept,
    }


@pytest.fixture(scope="session")
def trained(quick: dict[str, Any], cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A finished run, to look at and not to change."""
    from zoo import train

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZOO_CACHE", str(cache))
        return train("resnet20", out=tmp_path_factory.mktemp("runs") / "run", **quick)


@pytest.fixture(scope="session")
def hard_tiles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of 40 patients with 4 tiles each, whose two classes nobody can tell apart without errors."""
    root = tmp_path_factory.mktemp("data") / "hard"
    root.mkdir()
    noise = np.random.default_rng(0)
    rows = ["path,label,group"]
    for patient in range(40):
        own = noise.normal(0, 15)
        for number in range(4):
            label = ("dark", "bright")[patient % 2]
            pixels = noise.normal((110, 140)[patient % 2] + own + noise.normal(0, 15), 30, (32, 32, 3))
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(root / f"{patient}-{number}.png")
            rows.append(f"{patient}-{number}.png,{label},{patient}")
    (root / "tiles.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return root / "tiles.csv"


@pytest.fixture(scope="session")
def calibrated(hard_tiles: Path, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A finished run whose probabilities are calibrated on 16 patients, to look at and not to change."""
    from zoo import train

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZOO_CACHE", str(cache))
        return train(
            "resnet20",
            model_options={"depth": 8},
            data="csv",
            root=hard_tiles,
            recipe="modern",
            averaging=0,
            augment=(),
            fractions=(0.3, 0.4, 0.3),
            device="cpu",
            height=32,
            width=32,
            epochs=4,
            batch_size=8,
            lr=3e-3,
            threshold="validation",
            out=tmp_path_factory.mktemp("runs") / "calibrated",
        )


@pytest.fixture
def empty_charts() -> Iterator[None]:
    """Save charts as empty pictures, for tests of trainings and evaluations that do not look at them."""
    with saved_empty():
        yield


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def own_registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Adds rows to the registry, as a user's file does."""

    def add(text: str) -> None:
        file = tmp_path / "own-registry.yaml"
        file.write_text(text, encoding="utf-8")
        monkeypatch.setenv("ZOO_REGISTRY", str(file))
        registry.cache_clear()

    yield add
    registry.cache_clear()


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """The `zoo` command, run in this process."""

    def run(*words: object) -> Answer:
        from zoo.cli import main

        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        said = capsys.readouterr()
        return Answer(status=int(ended.value.code or 0), out=said.out, err=said.err)

    return run
