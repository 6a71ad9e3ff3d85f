"""Answers are streamed only to those who wait for one: Gradio fails in the middle of a stream for any other."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

_PAGE = "/gradio_api/queue/data"
_API = "/gradio_api/call/"
_UNKNOWN_SESSION = {"msg": "unexpected_error", "message": "", "session_not_found": True, "success": False}
"""What makes the page connect again, as after a restart of the server."""


class CheckedStreams:
    """Passes on the requests for answers that have been asked for.

    Args:
        app: What requests are passed on to.
        page: The Gradio page.
    """

    def __init__(self, app: ASGIApp, page: Any) -> None:
        self._app = app
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_get = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        refusal = self._refusal(scope) if is_get else None
        await (self._app if refusal is None else refusal)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        """Return the answer to a request for an answer that nobody asked for; None for any other request."""
        path, queue = scope["path"], self._page._queue
        if path == _PAGE:
            (session,) = parse_qs(scope["query_string"].decode("latin-1")).get("session_hash", [""])[:1]
            if session not in queue.pending_messages_per_session:
                return Response(f"data: {json.dumps(_UNKNOWN_SESSION)}\n\n", media_type="text/event-stream")
        elif path.startswith(_API):
            event = path.rpartition("/")[2]
            waiting = queue.pending_event_ids_session.values()
            if event not in queue.event_ids_to_events and not any(event in events for events in waiting):
                return JSONResponse({"detail": "there is no such call"}, status_code=404)
        return None
