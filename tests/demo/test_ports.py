from __future__ import annotations

import socket
from typing import Any

import pytest

from zoo.errors import UsageError
from zoo_demo import ports
from zoo_demo.ports import free_port
from zoo_demo.server import launch_where_free

LOOPBACK = "127.0.0.1"


def test_a_free_port_is_taken_as_asked() -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
    assert free_port(LOOPBACK, port) == port


def test_a_taken_port_is_an_error() -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port} is taken") as error:
            free_port(LOOPBACK, port)
    assert "--port" in str(error.value)


def test_the_first_free_port_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setattr(ports, "FIRST_PORT", port)
        assert port < free_port(LOOPBACK, None) < port + 100
        monkeypatch.setattr(ports, "PORTS", 1)
        with pytest.raises(UsageError, match="is free"):
            free_port(LOOPBACK, None)


@pytest.mark.parametrize("host", ["203.0.113.1", "::1.2.3", "no such host"])
def test_an_address_of_another_machine_is_an_error(host: str) -> None:
    with pytest.raises(UsageError, match="no address of this machine"):
        free_port(host, None)


class Page:
    """Whose port is taken by another process at the last moment, so many times."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.others: list[socket.socket] = []
        self.asked: list[int] = []

    def launch(self, *, server_name: str, server_port: int, **_: Any) -> tuple[None, str, None]:
        self.asked.append(server_port)
        if len(self.others) < self.times:
            self.others.append(socket.create_server((server_name, server_port)))
            raise OSError("Cannot find empty port")
        return None, f"http://{server_name}:{server_port}/", None


def test_a_port_that_is_lost_at_the_last_moment_is_not_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        monkeypatch.setattr(ports, "FIRST_PORT", server.getsockname()[1])  # where no other test looks for one
    page = Page(2)
    try:
        address = launch_where_free(page, host=LOOPBACK, port=None)
    finally:
        for other in page.others:
            other.close()
    assert len(set(page.asked)) == 3
    assert address == f"http://{LOOPBACK}:{page.asked[-1]}/"


def test_the_wanted_port_lost_at_the_last_moment_is_told() -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
    page = Page(1)
    try:
        with pytest.raises(UsageError, match=f"port {port} is taken"):
            launch_where_free(page, host=LOOPBACK, port=port)
    finally:
        for other in page.others:
            other.close()


class Broken:
    def launch(self, **_: Any) -> None:
        raise OSError("no files left")


def test_what_else_goes_wrong_is_not_tried_again() -> None:
    with pytest.raises(OSError, match="no files left"):
        launch_where_free(Broken(), host=LOOPBACK, port=None)
