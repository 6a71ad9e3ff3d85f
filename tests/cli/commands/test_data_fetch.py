"""`zoo data fetch` in a separate process, with a data source that another package registers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.download.conftest import assert_whole, names
from tests.download.server import Act, FileServer, serving
from tests.download.tiny import archive
from tests.installed_packages import Site

CODE = """
from zoo import hookimpl


@hookimpl
def zoo_register_sources(register):
    from tests.download.tiny import source

    register(source("http://127.0.0.1:1/BreaKHis_v1.tar.gz"))
"""
HERE = str(Path(__file__).parents[3])
HALF = 40_000


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serving(archive()) as files:
        yield files


@pytest.fixture
def shop(site: Site, server: FileServer) -> Site:
    """A package that registers the tiny data set is installed."""
    site.install("shop", CODE)
    return site


def environment(site: Site, server: FileServer) -> dict[str, str]:
    return {
        "PYTHONPATH": os.pathsep.join([str(site.folder), HERE]),
        "ZOO_DATA_URL": server.url,
        "ZOO_CACHE": str(site.folder / "cache"),
        "no_proxy": "*",
    }


def test_zoo_data_fetch_prints_the_folder_and_the_command_to_train_on_it(
    shop: Site, server: FileServer, tmp_path: Path
) -> None:
    answer = shop.zoo("data", "fetch", "tiny", "--into", str(tmp_path / "data"), env=environment(shop, server))
    assert answer.status == 0, answer.err
    folder = tmp_path / "data" / "BreaKHis_v1"
    assert f"Saved to {folder}; the data set is complete." in answer.out
    assert f"zoo train dala --data tiny --root {folder}" in answer.out
    assert "downloading BreaKHis_v1.tar.gz: 1/1 MB" in answer.err
    assert_whole(folder)


def test_zoo_data_fetch_json_has_the_folder_and_the_address(shop: Site, server: FileServer) -> None:
    answer = shop.zoo("data", "fetch", "tiny", "--keep", "--json", env=environment(shop, server))
    assert answer.json["folder"] == "BreaKHis_v1"
    assert answer.json["fetched"]["url"] == server.url
    assert "BreaKHis_v1.tar.gz" in names(shop.folder)


def test_zoo_data_fetch_prints_a_server_error_without_a_traceback(
    shop: Site, server: FileServer, tmp_path: Path
) -> None:
    server.always = Act(status=404, body=b"gone")
    url = f"{server.url}?old"
    answer = shop.zoo("data", "fetch", "tiny", "--url", url, "--into", str(tmp_path), env=environment(shop, server))
    assert answer.status == 1
    assert answer.err.startswith(f"error: {url}: the server responded 404 Not Found\n")
    assert "Traceback" not in answer.err


@pytest.mark.skipif(os.name != "posix", reason="kills a process as POSIX does")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["killed", "interrupted"])
def test_a_stopped_download_is_resumed_by_the_same_command(
    number: signal.Signals, shop: Site, server: FileServer, tmp_path: Path
) -> None:
    server.acts = [Act(stall=HALF)]
    words = ("data", "fetch", "tiny", "--into", str(tmp_path / "data"))
    env = environment(shop, server)
    process = subprocess.Popen(
        [sys.executable, "-m", "zoo", *words], env={**os.environ, **env}, stderr=subprocess.PIPE, text=True
    )
    partial = tmp_path / "data" / "BreaKHis_v1.tar.gz.part"
    try:
        deadline = time.monotonic() + 30
        while not (partial.is_file() and partial.stat().st_size == HALF) and time.monotonic() < deadline:
            time.sleep(0.01)
    finally:
        process.send_signal(number)
        said = process.communicate(timeout=30)[1]
    assert partial.stat().st_size == HALF
    assert "Traceback" not in said

    assert shop.zoo(*words, env=env).status == 0
    assert server.ranges == [None, f"bytes={HALF}-"]
    assert_whole(tmp_path / "data" / "BreaKHis_v1")
    assert names(tmp_path / "data") == {"BreaKHis_v1", "BreaKHis_v1.fetched.json"}
