from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from zoo_demo.server import gradio_settings


def _client(address: str) -> httpx.Client:
    return httpx.Client(base_url=address, trust_env=False, timeout=30)


def _uploaded(client: httpx.Client, tile: Image.Image) -> Path:
    tile.save("tile.png")
    answer = client.post("gradio_api/upload", files={"files": Path("tile.png").read_bytes()})
    (path,) = answer.json()
    return Path(path)


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with _client(address) as client:
        yield client


def test_files_outside_the_page_are_not_served(client: httpx.Client, tmp_path: Path) -> None:
    assert client.get("").status_code == 200
    (tmp_path / "mine.txt").write_text("mine")
    for path in ("/etc/passwd", str(tmp_path / "mine.txt"), "mine.txt", "registry.yaml"):
        assert client.get(f"gradio_api/file={path}").status_code in {403, 404}


def test_analytics_footer_links_and_run_history_are_off(client: httpx.Client) -> None:
    config = client.get("config").json()
    assert config["analytics_enabled"] is False
    assert config["footer_links"] == []
    assert config.get("run_history", False) is False


def test_only_the_endpoints_for_programs_are_public(client: httpx.Client) -> None:
    info = client.get("gradio_api/info").json()
    assert set(info["named_endpoints"]) == {"/models", "/predict", "/compare"}
    assert info["unnamed_endpoints"] == {}


def test_the_upload_folder_is_readable_by_its_owner_only(client: httpx.Client, tile: Image.Image) -> None:
    folder = _uploaded(client, tile).parent.parent
    assert folder.name.startswith("zoo-demo-")
    assert folder.stat().st_mode & 0o077 == 0


def test_an_upload_that_is_too_large_is_refused_and_not_stored(client: httpx.Client, tile: Image.Image) -> None:
    folder = _uploaded(client, tile).parent.parent
    before = set(folder.rglob("*"))
    answer = client.post("gradio_api/upload", files={"files": ("big.png", b"0" * 21 * 2**20, "image/png")})
    assert answer.status_code == 413
    assert set(folder.rglob("*")) == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_server_exits_without_errors_and_deletes_the_uploads(
    serve: Callable[..., Any], bundles: dict[str, Path], tile: Image.Image, number: signal.Signals
) -> None:
    with serve(str(bundles["fresh"])) as page, _client(page.address) as client:
        path = _uploaded(client, tile)
        assert path.exists()
        heartbeat = client.send(client.build_request("GET", "gradio_api/heartbeat/a-tab-that-is-open"), stream=True)
        assert heartbeat.status_code == 200
        page.process.send_signal(number)
        page.process.communicate(timeout=60)
        page.errors.seek(0)
        assert page.errors.read() == ""
    assert page.process.returncode == 0
    assert not path.parent.parent.exists()


def test_without_models_the_finished_runs_are_shown(serve: Callable[..., Any], runs: Callable[..., Path]) -> None:
    runs("dala-sample-1")
    with serve() as page, _client(page.address) as client:
        assert "dala-sample-1" in client.get("config").text


def test_environment_variables_are_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "example.org")
    monkeypatch.delenv("GRADIO_TEMP_DIR", raising=False)
    with gradio_settings() as uploads:
        assert os.environ["GRADIO_TEMP_DIR"] == str(uploads.folder)
        assert os.environ["GRADIO_ANALYTICS_ENABLED"] == "False"
        assert os.environ["no_proxy"] == "example.org,127.0.0.1,localhost"
    assert os.environ["no_proxy"] == "example.org"
    assert "GRADIO_TEMP_DIR" not in os.environ
    assert not uploads.folder.exists()
