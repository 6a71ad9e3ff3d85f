"""Uploads, stored in place of Gradio: it has no limit on all uploads together, and fails on some forms."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from zoo_demo.limits import MAX_FILE_MB, MAX_TOTAL_MB
from zoo_demo.uploads import Uploads

ROUTE = "/gradio_api/upload"
MAX_FILES = 100
logging.getLogger("python_multipart").addHandler(logging.NullHandler())  # otherwise it writes what strangers send
_MB = 2**20
_FORM = 2**16
"""More than a form with one file has besides the file itself, in bytes."""
_UNSAFE = re.compile(r"[^\w.,() -]")
_MAX_NAME = 60


class UploadRoute:
    """Stores uploads while there is space for them, and passes on all other requests.

    Args:
        app: What other requests are passed on to.
        uploads: The uploaded files.
    """

    def __init__(self, app: ASGIApp, uploads: Uploads) -> None:
        self._app = app
        self._uploads = uploads
        self._arriving = 0
        """The bytes of the uploads that have begun and not ended."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_upload = scope["type"] == "http" and scope["path"] == ROUTE
        app = await self._answer(Request(scope, receive)) if is_upload else self._app
        if app is not None:
            await app(scope, receive, send)

    async def _answer(self, request: Request) -> Response | None:
        """Return the paths of the stored files, or why they were refused; None if the sender has gone."""
        length = request.headers.get("content-length", "")
        if not re.fullmatch(r"\d{1,15}", length, re.ASCII):
            return PlainTextResponse("An upload must state its length.", status_code=411)
        size = int(length)
        if size > MAX_FILE_MB * _MB + _FORM:
            return PlainTextResponse(f"A tile may have at most {MAX_FILE_MB} MB.", status_code=413)
        if self._uploads.size() + self._arriving + size > MAX_TOTAL_MB * _MB:
            return PlainTextResponse("The server has no space for more tiles now. Try again later.", status_code=507)
        self._arriving += size
        try:
            return await self._store(request)
        except ClientDisconnect:
            return None
        except (HTTPException, MultiPartException):
            return PlainTextResponse("This is not a form with files.", status_code=400)
        finally:
            self._arriving -= size

    async def _store(self, request: Request) -> Response:
        async with request.form(max_files=MAX_FILES, max_fields=0) as form:
            files: Sequence[UploadFile] = [part for _, part in form.multi_items() if isinstance(part, UploadFile)]
            if not files:
                return PlainTextResponse("This is not a form with files.", status_code=400)
            if any((file.size or 0) > MAX_FILE_MB * _MB for file in files):
                return PlainTextResponse(f"A tile may have at most {MAX_FILE_MB} MB.", status_code=413)
            paths = [self._uploads.store(await file.read(), name=_safe_name(file.filename or "")) for file in files]
        return JSONResponse([str(path) for path in paths])


def _safe_name(name: str) -> str:
    """Return the name of a file without folders and without characters that mean something to a system or a page."""
    plain = _UNSAFE.sub("_", PurePosixPath(name.replace("\\", "/")).name)
    stem, dot, suffix = plain.rpartition(".")
    short = f"{stem[:_MAX_NAME]}{dot}{suffix[:10]}" if dot else plain[:_MAX_NAME]
    return short if short.strip(". ") else "tile"
