"""The faults of a Hub, and of what lies before it: what each does to the fake Hub, for tests and for the table."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import pytest

from tests.hub.fake_hub import TOKEN, Fault, Hub

_READING = ("zoo pull", "zoo predict")
LOGIN_PAGE = b"<html><title>Welcome to our network</title></html>"


@dataclass(frozen=True, kw_only=True)
class HubFault:
    """Something that goes wrong while a block runs."""

    name: str
    happen: Callable[..., AbstractContextManager[None]]
    """Makes it happen on a Hub, to the requests of a method to a path."""
    at: tuple[str, str] | None = None
    """The only request that it happens to; by default one that each command chooses."""
    commands: tuple[str, ...] = ("zoo push", "zoo pull", "zoo predict")
    """The commands that it can happen to."""


@contextmanager
def answered(hub: Hub, fault: Fault) -> Iterator[None]:
    """Let requests be answered in another way; if it takes long, with short limits of time."""
    hub.faults.append(fault)
    with pytest.MonkeyPatch.context() as patch:
        if fault.drip:  # no byte is so late that it is silence
            patch.setattr("zoo.hub.watched_client.WHOLE_ANSWER", 0.01)
        if fault.stall:
            patch.setattr("huggingface_hub.constants.HF_HUB_ETAG_TIMEOUT", 1.0)
            patch.setattr("huggingface_hub.constants.HF_HUB_DOWNLOAD_TIMEOUT", 1.0)
            patch.setenv("ZOO_HUB_SILENCE", "1")
        yield
    hub.faults.remove(fault)


@contextmanager
def no_connection(hub: Hub, *_: str) -> Iterator[None]:
    """Point the client at a port where nothing listens."""
    nowhere = "http://127.0.0.1:9"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("huggingface_hub.constants.ENDPOINT", nowhere)
        template = nowhere + "/{repo_id}/resolve/{revision}/{filename}"
        patch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", template)
        yield


@contextmanager
def expired_token(hub: Hub, *_: str) -> Iterator[None]:
    """Forget the token on the Hub."""
    user = hub.tokens.pop(TOKEN)
    yield
    hub.tokens[TOKEN] = user


@contextmanager
def gated(hub: Hub, *_: str) -> Iterator[None]:
    """Ask users to request access, as somebody else who has not."""
    user = hub.tokens[TOKEN]
    hub.tokens[TOKEN] = "bob"
    for repository in hub.repositories.values():
        repository.gated = True
    yield
    hub.tokens[TOKEN] = user
    for repository in hub.repositories.values():
        repository.gated = False


@contextmanager
def full_disk(hub: Hub, *_: str) -> Iterator[None]:
    """Let no file become larger than a kilobyte, which is an error of the same kind as a full disk."""
    resource = pytest.importorskip("resource", reason="needs limits on the size of files")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def killed_at(hub: Hub, method: str, path: str, work: Callable[[], object]) -> None:
    """Do some work in another process, which is killed when this request of it arrives. The request is answered."""
    ready, start = os.pipe()
    process = os.fork()
    if not process:
        os.read(ready, 1)
        work()
        os._exit(0)
    hub.act(method, path, lambda: os.kill(process, signal.SIGKILL))
    os.write(start, b"!")
    _, status = os.waitpid(process, 0)
    os.close(ready)
    os.close(start)
    hub.faults.clear()
    assert os.WIFSIGNALED(status), "no such request was sent"


FAULTS = [
    HubFault(name="server error", happen=lambda hub, *at: answered(hub, Fault(*at, None, 500))),
    HubFault(
        name="too many requests",
        happen=lambda hub, *at: answered(hub, Fault(*at, None, 429, headers={"Retry-After": "300"})),
    ),
    HubFault(name="silence", happen=lambda hub, *at: answered(hub, Fault(*at, None, stall=60))),
    HubFault(name="slow bytes", happen=lambda hub, *at: answered(hub, Fault(*at, None, drip=0.05))),
    HubFault(name="cut connection", happen=lambda hub, *at: answered(hub, Fault(*at, None, cut=0))),
    HubFault(
        name="cut connection, after the Hub did what it was asked",
        happen=lambda hub, *at: answered(hub, Fault(*at, None, cut=0, done=True)),
        commands=("zoo push",),
    ),
    HubFault(name="no connection", happen=no_connection),
    HubFault(
        name="login page of a network",
        happen=lambda hub, *at: answered(
            hub, Fault(*at, None, 200, body=LOGIN_PAGE, headers={"Content-Type": "text/html"})
        ),
    ),
    HubFault(name="redirects in a circle", happen=lambda hub, *at: answered(hub, Fault(*at, None, 307))),
    HubFault(
        name="other JSON",
        happen=lambda hub, *at: answered(hub, Fault(*at, None, 200, body=b"{}", headers={"Content-Type": "text/json"})),
    ),
    HubFault(
        name="bytes changed on their way",
        happen=lambda hub, *at: answered(hub, Fault(*at, None, corrupt=True)),
        at=("GET", "/resolve/.*/model.safetensors"),
        commands=_READING,
    ),
    HubFault(name="expired token", happen=expired_token),
    HubFault(name="gated repository", happen=gated, commands=_READING),
    HubFault(name="full disk", happen=full_disk, commands=_READING),
]
