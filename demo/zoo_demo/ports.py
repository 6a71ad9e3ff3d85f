"""Which port the page can have."""

from __future__ import annotations

import socket

from zoo.errors import UsageError

FIRST_PORT, PORTS = 7860, 100


def free_port(host: str, wanted: int | None) -> int:
    """The wanted port, or the first free one from 7860."""
    if wanted is not None:
        if not _is_free(host, wanted):
            raise UsageError(f"port {wanted} is taken", hint="choose another with --port, or leave it out")
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
        raise UsageError(f"port {port} may not be used: {error.strerror}", hint="choose one above 1023") from error
    except OSError as error:
        if not _can_listen(host):
            raise UsageError(f"{host!r} is no address of this machine", hint="leave --host out") from error
        return False


def _can_listen(host: str) -> bool:
    try:
        with socket.create_server((host, 0)):
            return True
    except OSError:
        return False
