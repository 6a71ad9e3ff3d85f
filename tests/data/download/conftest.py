"""A server with a tiny data set, and somebody who fetches from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.data.download.server import FileServer, serving
from tests.data.download.tiny import archive, images, source
from zoo.data.download import Patience, fetch
from zoo.progress import Silent, Task

HASTY = Patience(timeout=0.3, tries=3, wait=0.01)

Fetch = Callable[..., Path]


class Listener(Silent):
    """Remembers what was said, and what was followed how far."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.tracked: list[tuple[str, int, int]] = []

    def say(self, message: str) -> None:
        self.heard.append(message)

    @contextmanager
    def track(self, label: str, total: int, unit: str) -> Iterator[Task]:
        class Counted:
            done = 0

            def advance(self, steps: int = 1, **facts: str) -> None:
                self.done += steps

        task = Counted()
        try:
            yield task
        finally:
            self.tracked.append((f"{label} ({unit})", task.done, total))

    @property
    def said(self) -> str:
        return "\n".join(self.heard)


@pytest.fixture(autouse=True)
def _fresh(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache for each test, as records of earlier downloads lie there; no proxy, no address of the user's."""
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.delenv("ZOO_DATA_URL", raising=False)
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serving(archive()) as files:
        yield files


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def fetch_tiny(server: FileServer, listener: Listener, tmp_path: Path) -> Fetch:
    """Fetch the tiny data set from the server into `tmp_path`."""

    def run(**changes: Any) -> Path:
        made = source(
            server.url, **{name: changes.pop(name) for name in ("most_files", "most_bytes") if name in changes}
        )
        return fetch(made, **{"into": tmp_path, "progress": listener, "patience": HASTY, **changes})

    return run


@pytest.fixture
def partial(tmp_path: Path) -> Path:
    """Where a download lies before it is whole."""
    return tmp_path / "BreaKHis_v1.tar.gz.part"


def assert_whole(folder: Path) -> None:
    """Every image is there with its bytes, and nothing else."""
    found = {path.relative_to(folder.parent).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    assert {name: path.read_bytes() for name, path in found.items()} == images()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}
