"""A file server on a real local socket that can be told to behave badly, one request after another."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, kw_only=True)
class Act:
    """How one request is answered."""

    status: int = 200
    body: bytes | None = None
    """Sent instead of the file."""
    kind: str = "application/x-gzip"
    cut: int | None = None
    """Close the connection after so many bytes of the body."""
    stall: int | None = None
    """Say nothing more after so many bytes of the body."""
    mute: bool = False
    """Close the connection without a word."""
    ranges: bool = True
    careless: bool = False
    """Send a range without looking at If-Range."""
    length: bool = True
    """State a length; without it the body ends with the connection."""
    chunked: bool = False
    headers: tuple[tuple[str, str], ...] = ()


GOOD = Act()


@dataclass
class FileServer:
    """Serves `data` under any path. `acts` are used up one by one; afterwards `always` holds."""

    data: bytes = b""
    validators: tuple[str, ...] = ("ETag", "Last-Modified")
    modified: str = "Mon, 20 Jul 2015 10:00:00 GMT"
    weak: bool = False
    acts: list[Act] = field(default_factory=list)
    always: Act = GOOD
    url: str = ""
    heard: list[dict[str, str]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def ranges(self) -> list[str | None]:
        """The Range of each request."""
        return [headers.get("range") for headers in self.heard]

    def tags(self) -> dict[str, str]:
        digest = f'"{hashlib.sha256(self.data).hexdigest()[:12]}"'
        told = {"ETag": f"W/{digest}" if self.weak else digest, "Last-Modified": self.modified}
        return {name: told[name] for name in self.validators}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    files: FileServer

    def do_GET(self) -> None:
        files = self.files
        files.heard.append({name.lower(): value for name, value in self.headers.items()})
        act = files.acts.pop(0) if files.acts else files.always
        self.close_connection = True
        if act.mute:
            return
        data = files.data if act.body is None else act.body
        start = self._start(act, data)
        body = data[start:]
        if start >= len(data) > 0:
            self.send_error(416)
            return
        self.send_response(206 if start else act.status)
        self.send_header("Content-Type", act.kind)
        for name, value in (*files.tags().items(), *act.headers):
            self.send_header(name, value)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        if act.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif act.length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self._send(body, act)

    def _start(self, act: Act, data: bytes) -> int:
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        same = self.headers.get("If-Range") in (None, *self.files.tags().values())
        if asked and act.ranges and act.status == 200 and act.body is None and (same or act.careless):
            return int(asked[1])
        return 0

    def _send(self, body: bytes, act: Act) -> None:
        stop = next((limit for limit in (act.cut, act.stall) if limit is not None), None)
        part = body[:stop]
        if act.chunked:
            part = f"{len(part):x}\r\n".encode() + part + (b"\r\n" if stop is not None else b"\r\n0\r\n\r\n")
        self.wfile.write(part)
        self.wfile.flush()
        if act.stall is not None:
            self.files.over.wait(30)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""


class Listening(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that has gone is nothing to tell."""


@contextmanager
def serving(data: bytes = b"") -> Iterator[FileServer]:
    """A server for the length of a block."""
    files = FileServer(data=data)
    listening = Listening(("127.0.0.1", 0), type("Bound", (Handler,), {"files": files}))
    files.url = f"http://127.0.0.1:{listening.server_port}/vri/BreaKHis_v1.tar.gz"
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield files
    finally:
        files.over.set()
        listening.shutdown()
        listening.server_close()
        thread.join()
