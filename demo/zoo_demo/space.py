"""The page as a Hugging Face Space: its models are named by an environment variable."""

from __future__ import annotations

import os

from zoo.errors import UsageError
from zoo_demo.open_demo import make_page
from zoo_demo.server import launch, private_folder, wait

MODELS = "ZOO_DEMO_MODELS"


def named_models() -> list[str]:
    """The Hub ids in the variable."""
    names = [name.strip() for name in os.environ.get(MODELS, "").split(",") if name.strip()]
    if not names:
        raise UsageError(f"{MODELS} names no model", hint="set it to Hub ids, separated by commas")
    return names


def run() -> None:
    """Serve where the Space's own variables say."""
    names = named_models()
    with private_folder() as folder:
        launch(make_page(names, uploads=folder, tell=print), host=None, port=None)
        wait()
