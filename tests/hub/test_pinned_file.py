from __future__ import annotations

import hashlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hub.fake_hub import Commit, Hub, Repository, point_client
from zoo.errors import HubError
from zoo.hub import time_limits
from zoo.hub.pinned_file import fetch_file

REVISION = "5" * 40
DATA = b"weights" * 1000


@pytest.fixture
def served(hub: Hub) -> Hub:
    hub.repositories["ada/small"] = Repository("ada/small")
    hub.repositories["ada/small"].commits.append(Commit(REVISION, "weights", {"model.safetensors": DATA}))
    return hub


@pytest.fixture
def silent_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A socket that accepts connections and never answers; waiting between retries takes its real time."""
    sleep = time.sleep
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listening:
        point_client(monkeypatch, f"http://127.0.0.1:{listening.getsockname()[1]}", tmp_path / "hf-home")
        monkeypatch.setattr("time.sleep", sleep)
        monkeypatch.setattr(time_limits, "PINNED_FILE", 1.0)
        yield


def _fetch(*, sha256: str | None = None, revision: str = REVISION) -> Path:
    return fetch_file("ada/small", "model.safetensors", revision=revision, sha256=sha256)


def test_fetch_file_returns_the_file_of_a_pinned_revision(served: Hub) -> None:
    assert _fetch(sha256=hashlib.sha256(DATA).hexdigest()).read_bytes() == DATA


def test_a_cached_file_is_returned_without_a_request(served: Hub) -> None:
    first = _fetch()
    asked = len(served.requests)
    assert _fetch() == first
    assert len(served.requests) == asked, "a pinned revision cannot have changed"


def test_a_file_with_another_sha256_is_refused_and_the_error_says_what_to_delete(served: Hub) -> None:
    with pytest.raises(HubError, match="its sha256 differs") as caught:
        _fetch(sha256="0" * 64)
    assert "ada/small@55555555" in str(caught.value)
    path = Path(str(caught.value).partition("delete ")[2].partition(" to download")[0])
    assert path.read_bytes() == DATA


def test_fetch_file_fails_within_seconds_when_the_hub_never_answers(
    silent_server: None, capfd: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()
    with pytest.raises(HubError, match="does not respond"):
        _fetch()
    assert time.monotonic() - began < 5
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503])
def test_a_refused_request_is_not_repeated(served: Hub, status: int, capfd: pytest.CaptureFixture[str]) -> None:
    served.fail("HEAD", "model.safetensors", status)
    with pytest.raises(HubError):
        _fetch()
    assert len(served.asked("HEAD .*model.safetensors")) == 1
    assert capfd.readouterr() == ("", "")


def test_a_missing_revision_is_named(served: Hub) -> None:
    with pytest.raises(HubError, match="no revision '6666"):
        _fetch(revision="6" * 40)


def test_an_interrupted_download_of_a_file_leaves_no_partial_file(served: Hub) -> None:
    served.cut("model.safetensors", after=100)
    with pytest.raises(HubError):
        _fetch()
    served.faults.clear()
    assert _fetch().read_bytes() == DATA


def test_fetch_file_into_a_cache_that_cannot_be_written_is_a_hub_error(
    served: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(HubError):
        _fetch()
