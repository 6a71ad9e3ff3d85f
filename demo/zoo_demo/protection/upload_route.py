"""Uploads, stored in place of Gradio: it has no limit on all uploads together, and fails on some forms."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from zoo_demo.limits import KEEP_SECONDS, MAX_FILE_MB, MAX_MB_PER_VISITOR, MAX_REQUEST_MB, MAX_TOTAL_MB
from zoo_demo.protection.visitors import visitor_of
from zoo_demo.uploads import Uploads

ROUTE = "/gradio_api/upload"
MAX_FILES = 100
logging.getLogger("python_multipart").addHandler(logging.NullHandler())  # otherwise it writes what strangers send
_MB = 2**20
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
        self._arriving: Counter[str] = Counter()
        """The bytes of each visitor's uploads that have begun and not ended."""

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
        if size > MAX_REQUEST_MB * _MB:
            return PlainTextResponse(f"Upload at most {MAX_REQUEST_MB} MB at once.", status_code=413)
        visitor = visitor_of(request.scope)
        if self._uploads.size() + self._arriving.total() + size > MAX_TOTAL_MB * _MB:
            return PlainTextResponse("The server has no space for more tiles now. Try again later.", status_code=507)
        if self._uploads.size(visitor) + self._arriving[visitor] + size > MAX_MB_PER_VISITOR * _MB:
            return PlainTextResponse(
                f"You have uploaded {MAX_MB_PER_VISITOR} MB, the most that one visitor may have here. "
                f"Tiles are deleted after {KEEP_SECONDS // 60} minutes.",
                status_code=507,
            )
        self._arriving[visitor] += size
        try:
            return await self._store(request, visitor)
        except ClientDisconnect:
            return None
        except (HTTPException, MultiPartException):
            return PlainTextResponse("This is not a form with files.", status_code=400)
        finally:
            self._arriving[visitor] -= size
            self._arriving += Counter()  # forgets visitors whose uploads have ended

    async def _store(self, request: Request, visitor: str) -> Response:
        async with request.form(max_files=MAX_FILES, max_fields=0) as form:
            files: Sequence[UploadFile] = [part for _, part in form.multi_items() if isinstance(part, UploadFile)]
            if not files:
                return PlainTextResponse("This is not a form with files.", status_code=400)
            if any((file.size or 0) > MAX_FILE_MB * _MB for file in files):
                return PlainTextResponse(f"A tile may have at most {MAX_FILE_MB} MB.", status_code=413)
            paths = [
                self._uploads.store(await file.read(), name=_safe_name(file.filename or ""), visitor=visitor)
                for file in files
            ]
        return JSONResponse([str(path) for path in paths])


def _safe_name(name: str) -> str:
    """Return the name of a file without folders and without characters that mean something to a system or a page."""
    plain = _UNSAFE.sub("_", PurePosixPath(name.replace("\\", "/")).name)
    stem, dot, suffix = plain.rpartition(".")
    short = f"{stem[:_MAX_NAME]}{dot}{suffix[:10]}" if dot else plain[:_MAX_NAME]
    return short if short.strip(". ") else "tile"
