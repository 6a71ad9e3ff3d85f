"""An HTTP request for a file, or for the part of it that has not been downloaded yet."""

from __future__ import annotations

import http.client
import re
import ssl
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from zoo.errors import DataError, UsageError
from zoo.version import __version__

OTHER_URL = "Another address can be given with --url or ZOO_DATA_URL"


class ConnectionLost(Exception):
    """A download failed in a way that trying again may solve."""

    def __init__(self, reason: str, *, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.wait = wait
        """How many seconds the server asks to wait."""


class FileChanged(ConnectionLost):
    """The file on the server has changed since its first part was downloaded."""


@dataclass(frozen=True, kw_only=True)
class FileVersion:
    """One version of a file, as its server describes it."""

    url: str
    length: int | None
    etag: str | None
    modified: str | None

    def may_equal(self, other: FileVersion) -> bool:
        """Return whether two descriptions agree in everything that both state, which must be something."""
        pairs = [(self.length, other.length), (self.etag, other.etag), (self.modified, other.modified)]
        equal = [first == second for first, second in pairs if first is not None and second is not None]
        return bool(equal) and all(equal)


def check_url(url: str) -> str:
    """Return a URL of http or https unchanged; raise an error for anything else."""
    with suppress(ValueError):
        parts = urlsplit(url)
        if re.fullmatch("https?://[!-~]+", url) and parts.hostname and parts.port != 0:
            return url
    raise UsageError(f"{url!r} is not a URL", hint="it must begin with https:// or http://")


def request_file(
    url: str, *, known: FileVersion | None, size: int, timeout: float
) -> tuple[http.client.HTTPResponse, FileVersion, int]:
    """Request a file, and return the response, the version of the file, and the position of the response in the file.

    Args:
        url: The address.
        known: The version of which the first `size` bytes are downloaded already; then only the rest is requested.
        size: How many bytes are downloaded already.
        timeout: The timeout in seconds.
    """
    request = urllib.request.Request(url, headers={"User-Agent": f"histozoo/{__version__}"})  # noqa: S310 - check_url
    request.add_header("Accept-Encoding", "identity")
    if known and size:
        request.add_header("Range", f"bytes={size}-")
        strong = known.etag and not known.etag.startswith("W/")
        if validator := known.etag if strong else known.modified:
            request.add_header("If-Range", validator)
    try:
        response = urllib.request.urlopen(request, timeout=timeout)  # noqa: S310
    except urllib.error.HTTPError as error:
        with error:
            raise _http_error(error, url) from error
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        cause = getattr(error, "reason", error)
        if isinstance(cause, ssl.SSLCertVerificationError):
            hint = "a proxy may intercept the connection, or certificates may be outdated; SSL_CERT_FILE names others"
            raise DataError(f"invalid certificate: {cause.verify_message}", where=url, hint=hint) from error
        raise ConnectionLost(f"the connection failed: {cause}") from error
    headers, start, length = response.headers, 0, response.headers.get("Content-Length", "")
    if response.status == http.client.PARTIAL_CONTENT:
        content_range = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", headers.get("Content-Range", ""))
        start, length = (int(content_range[1]), content_range[2]) if content_range else (-1, "")
    known_length = int(length) if length.isdigit() else None
    version = FileVersion(url=url, length=known_length, etag=headers["ETag"], modified=headers["Last-Modified"])
    return response, version, start


def read_some(response: http.client.HTTPResponse, most: int) -> bytes:
    """Return the next bytes of a response as they arrive; empty at the end."""
    try:
        return response.read1(most)
    except (OSError, http.client.HTTPException) as error:
        raise ConnectionLost(f"the connection was lost: {error}") from error


def _http_error(error: urllib.error.HTTPError, url: str) -> Exception:
    """Return the error for a status such as 404: a ConnectionLost if trying again may help, else a DataError."""
    reason = f"the server responded {error.code} {error.reason}"
    if error.code >= 500 or error.code in (408, 425, 429):  # a later request may succeed
        seconds = error.headers.get("Retry-After", "")
        return ConnectionLost(reason, wait=min(int(seconds), 60) if seconds.isdigit() else 0.0)
    if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
        return FileChanged(reason)
    return DataError(reason, where=url, hint=f"the file may have moved. {OTHER_URL}")
