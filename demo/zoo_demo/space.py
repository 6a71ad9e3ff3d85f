"""The page as a Hugging Face Space: an environment variable names its models."""

from __future__ import annotations

import os
from socket import gethostname

from zoo.errors import UsageError
from zoo_demo.open_demo import make_page
from zoo_demo.server import gradio_settings, launch, serve, stopped_by_signals

VARIABLE = "ZOO_DEMO_MODELS"


def models_from_environment() -> list[str]:
    """Return the Hub ids in the environment variable."""
    names = [name.strip() for name in os.environ.get(VARIABLE, "").split(",") if name.strip()]
    if not names:
        raise UsageError(f"{VARIABLE} names no model", hint="set it to Hub ids, separated by commas")
    return names


def run() -> None:
    """Serve the page at the address that the Space's own variables give, until Ctrl-C or SIGTERM."""
    models = models_from_environment()
    with stopped_by_signals(), gradio_settings() as uploads:
        page = make_page(models, uploads=uploads, echo=print)

        def start() -> str:
            return launch(page, uploads=uploads, host=None, port=None, names=_names())

        serve(page, start, browser=False, echo=print)


def _names() -> list[str] | None:
    """Return the names that the server is called by: any on a Space, which is public, and has several."""
    return None if "SPACE_ID" in os.environ else [os.environ.get("GRADIO_SERVER_NAME", "localhost"), gethostname()]
