"""Two small untrained models as bundles, a page that shows them, and uploads to it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile
from types import SimpleNamespace
from typing import Any

import pytest
import torch
import yaml
from PIL import Image

import zoo
from tests.bundles import make_provenance
from tests.demo.browser import chromium, desktop, open_page, page
from tests.demo.drawn_examples import drawn_examples
from tests.demo.printed_address import printed_address
from tests.records import run_record
from zoo.config.plain import plain
from zoo_demo.analyzer import Analyzer
from zoo_demo.handlers import Handlers
from zoo_demo.models import load_models
from zoo_demo.uploads import Uploads

__all__ = ["chromium", "desktop", "open_page", "page"]


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two bundles: the record of `drawn` says that it was trained on the synthetic sample, that of `fresh` is empty."""
    folder = tmp_path_factory.mktemp("bundles")
    made = {}
    for seed, name in enumerate(("drawn", "fresh")):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            model = zoo.create_model("resnet20", classes=("benign", "malignant"))
        if name == "drawn":
            training = make_provenance()
            drawn = replace(training.data, name="the synthetic sample", synthetic=True, options={})
            model.describe_training(replace(training, data=drawn))
        model.save(folder / name)
        made[name] = folder / name
    return made


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    folder = tmp_path / "uploads"
    folder.mkdir()
    return Uploads(folder)


@pytest.fixture
def handlers(bundles: dict[str, Path], uploads: Uploads) -> Handlers:
    models = load_models([str(path) for path in bundles.values()], device=torch.device("cpu"))
    return Handlers(Analyzer(models), drawn_examples(), uploads=uploads)


@pytest.fixture
def upload(uploads: Uploads) -> Callable[..., dict[str, Any]]:
    """Put a file into the upload folder and return what the browser sends for it."""

    def put(content: bytes | Image.Image, name: str = "tile.png") -> dict[str, Any]:
        path = uploads.folder / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            content.save(path)
        return {"path": str(path), "orig_name": name, "meta": {"_type": "gradio.FileData"}}

    return put


@pytest.fixture
def tile() -> Image.Image:
    """A tile that is not one of the examples."""
    return drawn_examples()[0].image.crop((10, 10, 210, 170))


@pytest.fixture
def runs(bundles: dict[str, Path], tmp_path: Path) -> Callable[..., Path]:
    """Write a run folder into ./runs and return its path."""

    def write(name: str, *, ended: str = "2026-01-01T00:00:00+00:00", status: str = "finished") -> Path:
        path = tmp_path / "runs" / name
        shutil.copytree(bundles["drawn"], path / "bundle")
        record = run_record(status=status, ended=ended)
        (path / "run.yaml").write_text(yaml.safe_dump(plain(record)), encoding="utf-8")
        return path

    return write


START = """
import sys
from zoo_demo import limits
limits.CHECK_SECONDS, limits.KEEP_SECONDS, limits.MAX_TOTAL_MB, limits.MAX_MB_PER_VISITOR = map(int, sys.argv[1:5])
from zoo.cli.main import main
main(["demo", "--no-browser", "--device", "cpu", *sys.argv[5:]])
"""
"""Runs `zoo demo` with other limits. It needs a process of its own, since gradio leaves event loops open."""

WARNINGS = (
    *("-Werror", "-Wignore::ResourceWarning", "-Wignore:'future.no_silent_downcasting' is deprecated"),
    "-Wignore:The copy keyword is deprecated",
)
"""A warning is an error, except for open event loops and for what gradio uses of pandas."""

Serve = Callable[..., Any]


@contextmanager
def _served(*args: str, check: int = 300, keep: int = 3600, total: int = 500, visitor: int = 200) -> Iterator[Any]:
    proxy = {"HTTP_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9"}  # unreachable: nothing may need it
    with TemporaryFile("w+") as errors:  # a pipe that is not read would fill up and block the server
        process = subprocess.Popen(
            [sys.executable, *WARNINGS, "-c", START, *map(str, (check, keep, total, visitor)), *args],
            env=os.environ | proxy | {"PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
        try:
            printed, address = printed_address(process)
            yield SimpleNamespace(process=process, address=address, errors=errors, printed=printed)
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
            errors.seek(0)
            sys.stderr.write(errors.read())  # so that pytest shows it with a failure


@pytest.fixture
def serve() -> Serve:
    """Start `zoo demo` in a separate process; yields it, its address, what it printed, and its stderr."""
    return _served


@pytest.fixture(scope="session")
def server(bundles: dict[str, Path]) -> Iterator[Any]:
    """A page with both models: its process, its address and the file of its stderr."""
    with _served(*map(str, bundles.values())) as page:
        yield page


@pytest.fixture(scope="session")
def address(server: Any) -> str:
    """The address of the page with both models."""
    return str(server.address)
