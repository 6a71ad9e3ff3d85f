from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from zoo_demo.server import gradio_settings
from zoo_demo.space import own_names
from zoo_demo.zero_gpu import prepare_zero_gpu, uses_gpu


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
    assert answer.text == "A tile may have at most 20 MB."
    with socket.create_connection((client.base_url.host, client.base_url.port or 80), timeout=30) as connection:
        connection.sendall(
            b"POST /gradio_api/upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 209715201\r\n"
            b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        )
        answered = b""  # before it is sent
        while b"Upload at most 200 MB at once." not in answered:
            more = connection.recv(2**16)
            assert more, answered
            answered += more
    assert set(folder.rglob("*")) == before


def _sent(client: httpx.Client, image: Image.Image) -> httpx.Response:
    """Return what is sent for an uploaded TIFF file."""
    image.save("tile.tif")
    (path,) = client.post("gradio_api/upload", files={"files": ("tile.tif", Path("tile.tif").read_bytes())}).json()
    return client.get(f"gradio_api/file={path}")


def test_a_tiff_tile_is_shown_as_png(client: httpx.Client, tile: Image.Image) -> None:
    sent = _sent(client, tile)
    assert sent.headers["content-type"] == "image/png"
    assert Image.open(BytesIO(sent.content)).convert("RGB") == tile.convert("RGB")


def test_a_tiff_file_that_cannot_be_read_is_sent_as_it_is(client: httpx.Client) -> None:
    sent = _sent(client, Image.frombytes("I;16", (4, 2), bytes(16)))
    assert sent.content == Path("tile.tif").read_bytes()
    assert sent.headers["content-disposition"].startswith("attachment")


def test_several_files_can_be_uploaded_at_once(client: httpx.Client) -> None:
    files = [("files", (name, b"0" * 15 * 2**20, "image/png")) for name in ("a.png", "b.png")]
    paths = client.post("gradio_api/upload", files=files).json()
    assert [Path(path).name for path in paths] == ["a.png", "b.png"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_server_shows_the_runs_exits_without_errors_and_deletes_the_uploads(
    serve: Callable[..., Any], runs: Callable[..., Path], tile: Image.Image, number: signal.Signals
) -> None:
    runs("dala-sample-1")
    with serve() as page, _client(page.address) as client:
        assert "dala-sample-1" in client.get("config").text
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


def test_a_server_that_is_stopped_while_it_loads_leaves_no_folder() -> None:
    code = """
from zoo_demo.server import gradio_settings, interrupted_by_sigterm
with interrupted_by_sigterm(), gradio_settings() as uploads:
    print(uploads.folder, flush=True)
    import time
    time.sleep(60)
"""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        folder = Path(process.stdout.readline().strip())
        assert folder.is_dir()
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
    assert not folder.exists()


@pytest.mark.parametrize(
    ("settings", "names"),
    [({}, ["localhost"]), ({"GRADIO_SERVER_NAME": "0.0.0.0"}, ["0.0.0.0"]), ({"SPACE_ID": "you/space"}, None)],
)
def test_a_space_answers_to_any_name_and_another_server_to_its_own(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], names: list[str] | None
) -> None:
    monkeypatch.delenv("SPACE_ID", raising=False)
    monkeypatch.delenv("GRADIO_SERVER_NAME", raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    found = own_names()
    assert found == (None if names is None else [*names, socket.gethostname()])


def test_a_folder_named_spaces_is_not_taken_for_the_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "spaces").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delenv("SPACES_ZERO_GPU", raising=False)
    prepare_zero_gpu()
    assert uses_gpu(len, duration=len) is len
