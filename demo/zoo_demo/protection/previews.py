"""TIFF tiles are shown as PNG, since most browsers cannot show TIFF. The models still get the uploaded file."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from anyio import CapacityLimiter, to_thread
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from zoo.errors import DataError
from zoo_demo.browser_input import read_tile
from zoo_demo.images_html import thumbnail
from zoo_demo.memory import memory_given_back
from zoo_demo.protection.routes import FILE
from zoo_demo.uploads import Uploads

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""How a TIFF file begins, in both byte orders, small and big."""


class TiffPreviews:
    """Answers the request for an uploaded TIFF file with a small PNG image of it, and passes on all other requests.

    Args:
        app: What other requests are passed on to.
        uploads: The uploaded files.
    """

    def __init__(self, app: ASGIApp, uploads: Uploads) -> None:
        self._app = app
        self._uploads = uploads
        self._limiter = CapacityLimiter(1)  # a thread of its own, so that no other request waits for it

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = self._tiff(scope)
        png = None if path is None else await to_thread.run_sync(_preview, path, limiter=self._limiter)
        app = self._app if png is None else Response(png, media_type="image/png")
        await app(scope, receive, send)

    def _tiff(self, scope: Scope) -> Path | None:
        """Return the TIFF file that is asked for; None for any other request."""
        if scope["type"] != "http" or not scope["path"].startswith(FILE):
            return None
        path = self._uploads.find(scope["path"].removeprefix(FILE))
        if path is None:
            return None
        with path.open("rb") as file:
            return path if file.read(4) in _TIFF else None


def _preview(path: Path) -> bytes | None:
    """Return a small PNG image of a tile; None if it cannot be read, which the results say."""
    try:
        tile = read_tile(path).image
    except DataError:
        return None
    png = BytesIO()
    with memory_given_back(tile.width * tile.height):
        thumbnail(tile).save(png, "PNG", compress_level=1)
    return png.getvalue()
