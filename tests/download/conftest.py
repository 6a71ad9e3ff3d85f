"""A server with a tiny data set, and a folder to download it to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.download.server import FileServer, serving
from tests.download.tiny import archive, images, source
from zoo.download import RetryPolicy, fetch
from zoo.progress import Silent, Task

HASTY = RetryPolicy(timeout=1.0, tries=3, wait=0.01)
INSTALLED = {"BreaKHis_v1", "BreaKHis_v1.fetched.json"}
"""What is in a folder after the data set was downloaded to it."""


class Listener(Silent):
    """Remembers what was said, and which tasks were reported how far."""

    def __init__(self) -> None:
        self.said = ""
        self.tracked: list[tuple[str, int, int]] = []

    def say(self, message: str) -> None:
        self.said += f"{message}\n"

    @contextmanager
    def track(self, label: str, total: int, unit: str, *, done: int = 0) -> Iterator[Task]:
        class Counted:
            steps = 0

            def advance(self, steps: int = 1, **facts: str) -> None:
                self.steps += steps

        task = Counted()
        try:
            yield task
        finally:
            self.tracked.append((f"{label} ({unit})", task.steps, total))


@dataclass
class Trial:
    """The server, the folder, and what was reported."""

    server: FileServer
    folder: Path
    listener: Listener = field(default_factory=Listener)

    def fetch(self, *, most_files: int = 100, most_bytes: int = 10_000_000, **options: Any) -> Path:
        tiny = source(self.server.url, most_files=most_files, most_bytes=most_bytes)
        return fetch(tiny, **{"into": self.folder, "progress": self.listener, "retry": HASTY, **options})

    @property
    def partial(self) -> Path:
        """The file of a download that is not complete."""
        return self.folder / "BreaKHis_v1.tar.gz.part"

    @property
    def names(self) -> set[str]:
        return names(self.folder)


@pytest.fixture
def trial(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trial]:
    """A server and an empty folder, with a cache of their own, as it holds the records of earlier downloads."""
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.delenv("ZOO_DATA_URL", raising=False)
    monkeypatch.setenv("no_proxy", "*")
    with serving(archive()) as server:
        yield Trial(server, tmp_path)


def assert_whole(folder: Path) -> None:
    """Every image is there with its bytes, and nothing else."""
    found = {path.relative_to(folder.parent).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    assert {name: path.read_bytes() for name, path in found.items()} == images()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@contextmanager
def files_limited_to(size: int) -> Iterator[None]:
    """Let the system refuse longer files, as a full disk does."""
    resource = pytest.importorskip("resource", reason="needs limits on the size of files")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
