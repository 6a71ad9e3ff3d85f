"""The page on a Space: its models are those of an environment variable, or of a file beside app.py."""

from __future__ import annotations

import os
from pathlib import Path
from socket import gethostname

from zoo.errors import ZooError
from zoo_demo.open_demo import make_page
from zoo_demo.server import gradio_settings, interrupted_by_sigterm, launch, serve
from zoo_demo.space_models import models_of_space


def run(folder: Path | None = None) -> None:
    """Serve the page at the address that the Space's own variables give, until Ctrl-C or SIGTERM.

    Args:
        folder: The folder of app.py and models.txt; by default the working directory.
    """
    try:
        _serve(models_of_space(folder or Path.cwd()))
    except ZooError as error:  # a traceback says no more to the owner of the Space
        raise SystemExit(str(error)) from error


def _serve(models: list[str]) -> None:
    with interrupted_by_sigterm(), gradio_settings() as uploads:
        page = make_page(models, uploads=uploads, echo=print)

        def start() -> str:
            return launch(page, uploads=uploads, host=None, port=None, names=own_names())

        serve(page, start, browser=False, echo=print)


def own_names() -> list[str] | None:
    """Return the names that the server is called by: any on a Space, which is public, and has several."""
    return None if "SPACE_ID" in os.environ else [os.environ.get("GRADIO_SERVER_NAME", "localhost"), gethostname()]
