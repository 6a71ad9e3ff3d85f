"""One question to a server: a file, or the rest of it."""

from __future__ import annotations

import http.client
import re
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from urllib.parse import urlsplit

from zoo.data.download.download_errors import ConnectionLost, FileChanged
from zoo.data.download.partial_file import Identity
from zoo.errors import DataError, UsageError
from zoo.version import __version__

AGAIN = frozenset({408, 425, 429})
"""Refusals that a later try may not meet."""
LONGEST_WAIT = 60.0
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


@dataclass(frozen=True)
class Answer:
    """A server's answer whose bytes are still to be read."""

    response: http.client.HTTPResponse
    identity: Identity
    start: int
    """The byte of the file that comes first."""
    kind: str

    def read(self, most: int) -> bytes:
        """Bytes as they arrive; none at the end."""
        try:
            return self.response.read1(most)
        except (OSError, http.client.HTTPException) as error:
            raise ConnectionLost(_reason(error)) from error


def checked_address(url: str) -> str:
    """An address that can be asked."""
    try:
        parts = urlsplit(url)
        fit = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        fit = False
    if not fit or not url.isascii() or not url.isprintable() or " " in url:
        raise UsageError(f"{url!r} is not an address", hint="it must begin with https:// or http://")
    return url


def ask(url: str, *, have: Identity | None, size: int, timeout: float) -> Answer:
    """Ask for a file; of one that is `have` in part, only for what comes after `size` bytes."""
    headers = {"User-Agent": f"histozoo/{__version__}", "Accept-Encoding": "identity"}
    if have and size:
        headers["Range"] = f"bytes={size}-"
        if have.validator:
            headers["If-Range"] = have.validator
    try:
        request = urllib.request.Request(url, headers=headers)  # noqa: S310 - checked_address
        response = urllib.request.urlopen(request, timeout=timeout)  # noqa: S310
    except urllib.error.HTTPError as error:
        with error:
            raise _refusal(error, url) from error
    except UnicodeError as error:
        raise UsageError(f"{url!r} is not an address: {error}") from error
    except (OSError, http.client.HTTPException) as error:
        _refuse_untrusted(error, url)
        raise ConnectionLost(_reason(error)) from error
    return _answer(response, url)


def _answer(response: http.client.HTTPResponse, url: str) -> Answer:
    headers = response.headers
    start, length = 0, headers.get("Content-Length")
    if response.status == http.client.PARTIAL_CONTENT:
        found = _RANGE.fullmatch(headers.get("Content-Range", ""))
        if found is None:
            response.close()
            raise ConnectionLost("the server does not say which part it sent")
        start, length = int(found[1]), found[2]
    identity = Identity(
        url=url,
        length=int(length) if length and length.isdigit() else None,
        etag=headers.get("ETag"),
        modified=headers.get("Last-Modified"),
    )
    return Answer(response, identity, start, headers.get_content_type())


def _refusal(error: urllib.error.HTTPError, url: str) -> Exception:
    reason = f"the server says {error.code} {error.reason}"
    if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
        return FileChanged()
    if error.code >= 500 or error.code in AGAIN:
        asked = error.headers.get("Retry-After", "")
        return ConnectionLost(reason, wait=min(float(asked), LONGEST_WAIT) if asked.isdigit() else 0.0)
    return DataError(
        reason, where=url, hint="the file may have moved; give its present address with --url or ZOO_DATA_URL"
    )


def _refuse_untrusted(error: Exception, url: str) -> None:
    cause = getattr(error, "reason", error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        raise DataError(
            f"the server cannot prove that it is who it says it is: {cause.verify_message}",
            where=url,
            hint="a proxy may stand in between, or this machine's certificates may be old; SSL_CERT_FILE names others",
        ) from error


def _reason(error: Exception) -> str:
    cause = getattr(error, "reason", error)
    if isinstance(cause, TimeoutError):
        return "nothing came from the server for too long"
    if isinstance(error, http.client.IncompleteRead | http.client.RemoteDisconnected):
        return "the connection was cut off"
    told = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    return f"the connection failed: {told}"
