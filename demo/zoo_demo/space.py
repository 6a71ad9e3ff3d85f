"""The page as a Hugging Face Space: an environment variable names its models."""

from __future__ import annotations

import os

from zoo.errors import UsageError
from zoo_demo.open_demo import make_page
from zoo_demo.server import launch, upload_folder, wait_for_interrupt

VARIABLE = "ZOO_DEMO_MODELS"


def models_from_environment() -> list[str]:
    """Return the Hub ids in the environment variable."""
    names = [name.strip() for name in os.environ.get(VARIABLE, "").split(",") if name.strip()]
    if not names:
        raise UsageError(f"{VARIABLE} names no model", hint="set it to Hub ids, separated by commas")
    return names


def run() -> None:
    """Serve the page at the address that the Space's own variables give."""
    names = models_from_environment()
    with upload_folder() as folder:
        launch(make_page(names, uploads=folder, echo=print), host=None, port=None)
        wait_for_interrupt()
