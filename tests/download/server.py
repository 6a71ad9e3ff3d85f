"""A file server on a local socket, with a fault for each request if the test sets one."""

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
    """How one request is answered; by default properly."""

    status: int = 200
    body: bytes | None = None
    """Sent instead of the file."""
    kind: str = "application/x-gzip"
    cut: int | None = None
    """Close the connection after so many bytes of the body."""
    stall: int | None = None
    """Send nothing more after so many bytes of the body."""
    mute: bool = False
    """Close the connection without a response."""
    ranges: bool = True
    careless: bool = False
    """Send a range without looking at If-Range."""
    length: bool = True
    """State a length; without it the body ends with the connection."""
    chunked: bool = False
    headers: tuple[tuple[str, str], ...] = ()


@dataclass
class FileServer:
    """Serves `data` under any path. `acts` are used up one by one; afterwards `always` holds."""

    data: bytes
    validators: tuple[str, ...] = ("ETag", "Last-Modified")
    modified: str = "Mon, 20 Jul 2015 10:00:00 GMT"
    weak: bool = False
    acts: list[Act] = field(default_factory=list)
    always: Act = Act()
    url: str = ""
    requests: list[dict[str, str]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def ranges(self) -> list[str | None]:
        """The Range of each request."""
        return [headers.get("range") for headers in self.requests]

    def tags(self) -> dict[str, str]:
        etag = f'"{hashlib.sha256(self.data).hexdigest()[:12]}"'
        tags = {"ETag": f"W/{etag}" if self.weak else etag, "Last-Modified": self.modified}
        return {name: tags[name] for name in self.validators}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    files: FileServer

    def do_GET(self) -> None:
        files = self.files
        files.requests.append({name.lower(): value for name, value in self.headers.items()})
        act = files.acts.pop(0) if files.acts else files.always
        self.close_connection = True
        if act.mute:
            return
        data = files.data if act.body is None else act.body
        start = self._start(act)
        if start >= len(data) > 0:
            self.send_error(416)
            return
        headers = {"Content-Type": act.kind, **files.tags(), **dict(act.headers)}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        if act.chunked:
            headers["Transfer-Encoding"] = "chunked"
        elif act.length:
            headers["Content-Length"] = str(len(data) - start)
        self.send_response(206 if start else act.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        stop = act.cut if act.cut is not None else act.stall
        body = data[start:][:stop]
        if act.chunked:
            body = b"%x\r\n%s\r\n" % (len(body), body) + (b"0\r\n\r\n" if stop is None else b"")
        self.wfile.write(body)
        self.wfile.flush()
        if act.stall is not None:
            files.over.wait(30)

    def _start(self, act: Act) -> int:
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        same = self.headers.get("If-Range") in (None, *self.files.tags().values())
        serves = act.ranges and act.status == 200 and act.body is None and (same or act.careless)
        return int(wanted[1]) if wanted and serves else 0

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Print nothing."""


class QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore clients that have disconnected."""


@contextmanager
def serving(data: bytes) -> Iterator[FileServer]:
    """Serve a file for the length of a block."""
    files = FileServer(data)
    server = QuietServer(("127.0.0.1", 0), type("Bound", (Handler,), {"files": files}))
    files.url = f"http://127.0.0.1:{server.server_port}/vri/BreaKHis_v1.tar.gz"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield files
    finally:
        files.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
