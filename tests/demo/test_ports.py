from __future__ import annotations

import socket

import pytest

from zoo.errors import UsageError
from zoo_demo import ports
from zoo_demo.ports import free_port

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
