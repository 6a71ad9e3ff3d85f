"""Requests that were made for another host, or by the page of another site, are refused.

A page from anywhere can make its own name point to this machine (DNS rebinding), and then reads what the browser of a
visitor can reach. The name is in the Host header, so only the names of this server are answered.
"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send


class CheckedHosts:
    """Passes on the requests for this server, made by its own page or by a program.

    Args:
        app: What requests are passed on to.
        hosts: The names of this server besides `localhost` and IP addresses; None for any, and for pages of any site.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str] | None) -> None:
        self._app = app
        self._hosts = None if hosts is None else {"localhost", *(_without_dot(host) for host in hosts)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reason = self._refusal(Headers(scope=scope)) if scope["type"] == "http" else ""
        app = PlainTextResponse(reason, status_code=403) if reason else self._app
        await app(scope, receive, send)

    def _refusal(self, headers: Headers) -> str:
        """Return why a request is refused; empty if it is not."""
        if self._hosts is None:
            return ""
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self._is_own(host):
            return "This server has another name. If the name is right, start it with: zoo demo --allow-host NAME"
        if origin is not None and not self._is_page(origin, host=host):
            return "Pages of other sites may not use this server."
        return ""

    def _is_own(self, netloc: str) -> bool:
        """Return whether a host, with or without a port, is this server. An IP address cannot be rebound."""
        name = _name(netloc)
        return name in (self._hosts or ()) or _is_address(name)

    def _is_page(self, origin: str, *, host: str) -> bool:
        """Return whether a page with this origin was served by this server, perhaps through a proxy with a name."""
        netloc = origin.partition("://")[2]
        name = _name(netloc)
        is_named = name in (self._hosts or ()) and name != "localhost" and not _is_address(name)
        return netloc.lower() == host.lower() or is_named


def _name(netloc: str) -> str:
    try:
        return _without_dot(urlsplit(f"//{netloc}").hostname or "")
    except ValueError:  # such as unbalanced brackets
        return ""


def _without_dot(name: str) -> str:
    return name.lower().rstrip(".")


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
