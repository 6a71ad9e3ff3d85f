"""Only what the page and its API need is answered; Gradio has many more routes, such as a proxy to other servers."""

from __future__ import annotations

import re

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from zoo_demo.uploads import Uploads

FILE = "/gradio_api/file="
_READ = re.compile(
    r"/|/config/?|/theme\.css|/favicon\.ico|/robots\.txt|/manifest\.json"
    r"|/(assets|static|svelte)/[\w./@-]+"
    r"|/gradio_api/(info/?|openapi\.json|theme\.css|startup-events|app_id/?|upload_progress|queue/data|queue/status)"
    r"|/gradio_api/heartbeat/[\w-]+|/gradio_api/call/\w+/\w+",
    re.ASCII,
)
_WRITE = re.compile(r"/gradio_api/(upload|queue/join|cancel|reset|call/\w+)", re.ASCII)


class CheckedRoutes:
    """Passes on the requests for the page, its API and uploaded files; all others are answered with 404.

    Args:
        app: What requests are passed on to.
        uploads: The uploaded files, which are the only files of this machine that are sent.
    """

    def __init__(self, app: ASGIApp, uploads: Uploads) -> None:
        self._app = app
        self._uploads = uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        known = scope["type"] == "lifespan" or (scope["type"] == "http" and self._is_known(scope))
        app = self._app if known else JSONResponse({"detail": "Not Found"}, status_code=404)
        if known or scope["type"] == "http":
            await app(scope, receive, send)

    def _is_known(self, scope: Scope) -> bool:
        path: str = scope["path"]
        if scope["method"] not in ("GET", "HEAD"):
            return _WRITE.fullmatch(path) is not None
        if path.startswith(FILE):
            return self._uploads.find(path.removeprefix(FILE)) is not None
        return _READ.fullmatch(path) is not None and "/../" not in path
