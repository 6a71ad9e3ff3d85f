"""The Hub's client, watched: no request waits forever, and what is not an answer of the Hub is not taken for one.

The client has no time limit for most requests of a push, repeats a request that timed out, waits without a word for as
long as a server asks, and fails on a web page with an error about JSON. Its HTTP library calls hooks for each request;
while a call of the zoo is running, they set the limits, and raise an error where the client would go on.
"""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from zoo.errors import HubError
from zoo.hub.time_limits import VARIABLE, WHOLE_ANSWER, silence_limit
from zoo.hub.wait_time import wait_time

MAY_HAVE_LANDED = "it may have landed"
NOT_COMMITTED = "nothing was committed"
_STEPS = {
    "POST /api/repos/create": (
        "while the repository was created",
        "it may have been created, and is empty then: push again",
    ),
    "POST /api/validate-yaml": ("while the model card was checked", NOT_COMMITTED),
    "POST .*/preupload/": ("before the upload", NOT_COMMITTED),
    "POST .*/lfs/objects/batch": ("before the upload of large files", NOT_COMMITTED),
    "PUT /api/.*/settings": ("while the repository was made private", NOT_COMMITTED),
    "POST .*/branch/": ("while the branch was created", NOT_COMMITTED),
    "POST .*/tag/": ("while the commit was tagged", "the commit is on the Hub, and the tag may be missing"),
    "PUT ": ("during the upload of a large file", NOT_COMMITTED),
    "POST .*/commit/": ("during the commit", MAY_HAVE_LANDED),
}
"""The requests of a push; when each is sent, and what is on the Hub if it is not answered."""


class UnreachableError(HubError):
    """The Hub did not answer, or what answered is not the Hub. A copy downloaded earlier can be used."""


@dataclass(eq=False)
class Requests:
    """What the requests of one call have come to so far. Two of them are never equal, as calls may run at once."""

    limit: float
    sent: list[str] = field(default_factory=list)
    """METHOD and path of each."""
    timed_out: dict[str, float] = field(default_factory=dict)
    """The requests that had no answer, with how many seconds they waited."""
    refused: bool = False
    """Whether the last answer was that there are too many requests."""
    other_threads: frozenset[int | None] = field(default_factory=lambda: _other_threads())
    """The threads that were there before the call; what they ask the Hub is not part of it."""

    @property
    def when(self) -> str:
        """Say when the last request of a push was sent; empty for other requests."""
        return self._step[0]

    @property
    def state(self) -> str:
        """Say what is on the Hub now if the last request of a push was not answered; empty for other requests."""
        return NOT_COMMITTED if self.refused else self._step[1]

    @property
    def _step(self) -> tuple[str, str]:
        steps = (texts for sent in reversed(self.sent) for name, texts in _STEPS.items() if re.match(name, sent))
        return next(steps, ("", ""))


_active: list[Requests] = []
_lock = threading.Lock()


def _other_threads() -> frozenset[int | None]:
    return frozenset(thread.ident for thread in threading.enumerate()) - {threading.get_ident()}


def _calls() -> list[Requests]:
    """Return the calls that may have sent the request of this thread; uploads are sent by threads of their own."""
    return [requests for requests in tuple(_active) if threading.get_ident() not in requests.other_threads]


@contextmanager
def watched_requests() -> Iterator[Requests]:
    """Watch the requests that are sent in this block."""
    requests = Requests(limit=silence_limit())
    with _lock:
        _watch_clients()
        _active.append(requests)
    try:
        yield requests
    finally:
        with _lock:
            _active.remove(requests)


def http_errors() -> Any:
    """Return the HTTP library of the Hub's client; releases use different ones, whose names are alike."""
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]

    return sys.modules[HTTPError.__module__.partition(".")[0]]


class _WatchingFactory:
    """Makes the clients that another factory makes, which may be the user's, with our hooks."""

    def __init__(self, factory: Callable[[], Any]) -> None:
        self.factory = factory

    def __call__(self) -> Any:
        try:
            client = self.factory()
        except (ValueError, ImportError, http_errors().InvalidURL) as error:
            raise _proxy_error(error) from error
        _add_hooks(client)
        return client


def _watch_clients() -> None:
    """Add our hooks to the client that exists, and to those that replace it after a lost connection."""
    from huggingface_hub.utils import _http

    if not isinstance(_http._GLOBAL_CLIENT_FACTORY, _WatchingFactory):
        _http._GLOBAL_CLIENT_FACTORY = _WatchingFactory(_http._GLOBAL_CLIENT_FACTORY)
        if _http._GLOBAL_CLIENT is not None:
            _add_hooks(_http._GLOBAL_CLIENT)


def _add_hooks(client: Any) -> None:
    hooks = client.event_hooks
    client.event_hooks = {"request": [*hooks["request"], _on_request], "response": [*hooks["response"], _on_response]}


def _proxy_error(error: Exception) -> UnreachableError:
    """Return the error for a client that cannot be made; the addresses of proxies may contain passwords."""
    from urllib.request import getproxies

    names = ", ".join(f"{name.upper()}_PROXY" for name in getproxies() if name != "no") or "HTTPS_PROXY"
    missing = isinstance(error, ImportError)
    problem = "needs a package that is not installed" if missing else "is not the address of a proxy"
    hint = "pip install socksio, or use an http proxy" if missing else "it looks like http://proxy.hospital.org:3128"
    return UnreachableError(f"the value of {names} {problem}", hint=hint)


def _on_request(request: Any) -> None:
    """Limit how long a request may be silent, and do not repeat one that was silent for so long."""
    if not (calls := _calls()):
        return
    name = f"{request.method} {request.url.path}"
    limit = min(requests.limit for requests in calls)
    given = request.extensions.get("timeout") or {}
    limits = {kind: given.get(kind) or limit for kind in ("connect", "read", "write", "pool")}
    if request.method == "PUT":  # the last bytes may be on their way long after the system has taken them
        limits["read"] *= 2
    for requests in calls:
        if name in requests.timed_out:
            raise silence_error(origin(request), requests.timed_out[name], requests)
        requests.sent.append(name)

    def trace(event: str, info: dict[str, Any]) -> None:
        if event.endswith(".failed") and "Timeout" in type(info["exception"]).__name__:
            for requests in calls:
                requests.timed_out[name] = limits["read"]

    request.extensions["timeout"] = limits
    if request.method != "GET":  # an interrupted download is resumed
        request.extensions["trace"] = trace


def _on_response(response: Any) -> None:
    """Raise an error for an answer that is not the Hub's, or that asks to wait; limit the time of a small answer."""
    if not (calls := _calls()):
        return
    server = origin(response.request)
    if response.status_code == 429:
        requests = calls[-1]
        requests.refused = True
        raise UnreachableError(
            unanswered("too many requests to the Hub", requests) + wait_time(response.headers),
            hint="wait, then try again; logging in (hf auth login) raises the limit",
        )
    if _is_web_page(response):
        raise UnreachableError(
            f"{server} answers with a web page, not as the Hub does",
            hint="is it the login page of this network, or of a proxy? open it in a browser, then try again",
        )
    if response.request.method != "GET" or response.request.url.path.startswith("/api/"):
        limit = response.request.extensions["timeout"]["read"] * WHOLE_ANSWER
        response.stream = _limited(response.stream, time.monotonic() + limit, server)


def _is_web_page(response: Any) -> bool:
    """Return whether an answer is a web page that the Hub did not send."""
    if "html" not in response.headers.get("Content-Type", "").lower() or response.is_redirect:
        return False
    return response.status_code < 500 and not any(name.startswith("x-error-") for name in response.headers)


def _limited(stream: Any, end: float, server: str) -> Any:
    """Return a stream of bytes that ends with an error if it takes too long as a whole."""

    class Limited(http_errors().SyncByteStream):  # type: ignore[misc]
        def __iter__(self) -> Iterator[bytes]:
            for block in stream:
                if time.monotonic() > end:
                    raise UnreachableError(f"{server} answers too slowly", hint="try again later")
                yield block

        def close(self) -> None:
            stream.close()

    return Limited()


def silence_error(server: str, seconds: float, requests: Requests) -> UnreachableError:
    """Return the error for a server that was silent for too long."""
    return UnreachableError(
        unanswered(f"{server} does not respond: nothing for {seconds:g} second{'' if seconds == 1 else 's'}", requests),
        hint=f"check the network and the proxy, then try again; a slow line may need more: {_limit(requests)}=300",
    )


def _limit(requests: Requests) -> str:
    """Return the environment variable that limits the last request."""
    last = requests.sent[-1] if requests.sent else ""
    if last.startswith(("POST", "PUT")):
        return VARIABLE
    return "HF_HUB_DOWNLOAD_TIMEOUT" if last.startswith("GET") and "/resolve/" in last else "HF_HUB_ETAG_TIMEOUT"


def unanswered(problem: str, requests: Requests, *, when: str | None = None) -> str:
    """Return what went wrong, and for a push, when that was and what is on the Hub now."""
    return f"{problem} {when or requests.when}; {requests.state}" if requests.when else problem


def origin(request: Any) -> str:
    """Return the address of the server of a request, without what may be secret."""
    url = request.url
    return f"{url.scheme}://{url.host}{'' if url.port is None else f':{url.port}'}"
