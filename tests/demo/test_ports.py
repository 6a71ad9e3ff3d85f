from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from zoo.errors import UsageError
from zoo_demo import ports
from zoo_demo.ports import free_port
from zoo_demo.server import launch_on_free_port
from zoo_demo.uploads import Uploads

LOOPBACK = "127.0.0.1"
UPLOADS = Uploads(Path("uploads"))


def test_a_wanted_port_that_is_free_is_returned() -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
    assert free_port(LOOPBACK, port) == port


def test_a_wanted_port_that_is_in_use_is_an_error() -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port} is already in use") as error:
            free_port(LOOPBACK, port)
    assert "--port" in str(error.value)


def test_the_first_free_port_is_returned_when_none_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setattr(ports, "FIRST_PORT", port)
        assert port < free_port(LOOPBACK, None) < port + 100
        monkeypatch.setattr(ports, "PORTS", 1)
        with pytest.raises(UsageError, match="is free"):
            free_port(LOOPBACK, None)


@pytest.mark.parametrize("host", ["203.0.113.1", "::1.2.3", "no such host"])
def test_an_address_of_another_machine_is_an_error(host: str) -> None:
    with pytest.raises(UsageError, match="not an address of this machine"):
        free_port(host, None)


class Page:
    """A page whose port is taken by another process just before it starts to listen, `times` times."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.others: list[socket.socket] = []
        self.tried: list[int] = []

    def launch(self, *, server_name: str, server_port: int, **_: Any) -> tuple[None, str, None]:
        self.tried.append(server_port)
        if len(self.others) < self.times:
            self.others.append(socket.create_server((server_name, server_port)))
            raise OSError("Cannot find empty port")
        return None, f"http://{server_name}:{server_port}/", None


def test_a_port_that_another_process_takes_before_launch_is_replaced_by_the_next_free_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        monkeypatch.setattr(ports, "FIRST_PORT", server.getsockname()[1])  # not the range that other tests use
    page = Page(2)
    try:
        address = launch_on_free_port(page, uploads=UPLOADS, host=LOOPBACK, port=None)
    finally:
        for other in page.others:
            other.close()
    assert len(set(page.tried)) == 3
    assert address == f"http://{LOOPBACK}:{page.tried[-1]}/"


def test_a_wanted_port_that_another_process_takes_before_launch_is_an_error() -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
    page = Page(1)
    try:
        with pytest.raises(UsageError, match=f"port {port} is already in use"):
            launch_on_free_port(page, uploads=UPLOADS, host=LOOPBACK, port=port)
    finally:
        for other in page.others:
            other.close()


class Broken:
    def launch(self, **_: Any) -> None:
        raise OSError("no files left")


def test_launch_is_not_tried_again_after_another_error() -> None:
    with pytest.raises(OSError, match="no files left"):
        launch_on_free_port(Broken(), uploads=UPLOADS, host=LOOPBACK, port=None)
