"""What a request must be like before Gradio sees it. Anyone can send anything to the server."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from starlette.middleware import Middleware

from zoo_demo.protection.calls import CheckedCalls
from zoo_demo.protection.hosts import CheckedHosts
from zoo_demo.protection.previews import TiffPreviews
from zoo_demo.protection.routes import CheckedRoutes
from zoo_demo.protection.streams import CheckedStreams
from zoo_demo.protection.upload_route import UploadRoute
from zoo_demo.protection.visitors import FairQueue
from zoo_demo.uploads import Uploads

__all__ = ["protection"]


def protection(page: Any, *, uploads: Uploads, hosts: Collection[str] | None) -> list[Middleware]:
    """Return the checks that each request passes through, in their order.

    Args:
        page: The Gradio page.
        uploads: The uploaded files.
        hosts: The names that the server is called by, besides `localhost` and IP addresses; None for any.
    """
    return [
        Middleware(CheckedHosts, hosts=hosts),
        Middleware(CheckedRoutes, uploads=uploads),
        Middleware(UploadRoute, uploads=uploads),
        Middleware(TiffPreviews, uploads=uploads),
        Middleware(CheckedStreams, page=page),
        Middleware(FairQueue, page=page),
        Middleware(CheckedCalls, page=page, uploads=uploads),
    ]
