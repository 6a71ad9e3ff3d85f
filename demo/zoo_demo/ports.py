"""A free port for the page."""

from __future__ import annotations

import socket

from zoo.errors import UsageError

FIRST_PORT, PORTS = 7860, 100


def free_port(host: str, wanted: int | None) -> int:
    """Return the wanted port if it is free, or the first free port from 7860 if none is wanted."""
    if wanted is not None:
        if not _is_free(host, wanted):
            raise UsageError(f"port {wanted} is already in use", hint="choose another with --port, or leave it out")
        return wanted
    for port in range(FIRST_PORT, FIRST_PORT + PORTS):
        if _is_free(host, port):
            return port
    raise UsageError(f"no port from {FIRST_PORT} to {FIRST_PORT + PORTS - 1} is free", hint="choose one with --port")


def _is_free(host: str, port: int) -> bool:
    try:
        with socket.create_server((host, port)):
            return True
    except PermissionError as error:
        raise UsageError(f"no permission to use port {port}: {error.strerror}", hint="choose one above 1023") from error
    except OSError as error:
        if not _can_listen(host):
            raise UsageError(f"{host!r} is not an address of this machine", hint="leave out --host") from error
        return False


def _can_listen(host: str) -> bool:
    """Return whether any port of the host can be used."""
    try:
        with socket.create_server((host, 0)):
            return True
    except OSError:
        return False
