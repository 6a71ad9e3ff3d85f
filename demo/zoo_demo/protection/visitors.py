"""One visitor cannot fill the queue: more than a few requests of one are refused until one of them is answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from ipaddress import IPv6Address, ip_address
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from zoo_demo.limits import MAX_WAITING_PER_VISITOR

_JOIN, _CALL = "/gradio_api/queue/join", "/gradio_api/call/"
_NETWORK = 64
"""The bits of an IPv6 address that are one visitor's: anyone can choose the others."""


def visitor_of(scope: Scope) -> str:
    """Return who made a request: the address, as uvicorn gives it, which believes the proxies on this machine."""
    host = str((scope.get("client") or ("",))[0])
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Address(int(address) >> (128 - _NETWORK) << (128 - _NETWORK)))
    return str(address)


class FairQueue:
    """Passes on the requests of visitors who have few others in the queue.

    Args:
        app: What requests are passed on to.
        page: The Gradio page.
    """

    def __init__(self, app: ASGIApp, page: Any) -> None:
        self._app = app
        self._page = page
        self._joining: Counter[str] = Counter()
        """The requests of each visitor that are being put into the queue."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].startswith((_JOIN, _CALL)):
            await self._app(scope, receive, send)
            return
        visitor = visitor_of(scope)
        in_queue = sum(visitor_of(event.request.scope) == visitor for event in self._events())
        if in_queue + self._joining[visitor] >= MAX_WAITING_PER_VISITOR:
            detail = (
                f"You have {MAX_WAITING_PER_VISITOR} requests in the queue, the most that one visitor may have. "
                "Try again when one of them is answered."
            )
            await JSONResponse({"detail": detail}, status_code=429)(scope, receive, send)
            return
        self._joining[visitor] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._joining[visitor] -= 1
            self._joining += Counter()  # forgets visitors who join no more

    def _events(self) -> Iterator[Any]:
        """Yield the requests that wait, and those that the models work on."""
        queue = self._page._queue
        for waiting in queue.event_queue_per_concurrency_id.values():
            yield from waiting.queue
        for job in queue.active_jobs:
            yield from job or ()
