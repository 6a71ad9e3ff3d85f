"""The folder for what can be made again."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """`ZOO_CACHE`, or the user's cache folder."""
    if chosen := os.environ.get("ZOO_CACHE"):
        return Path(chosen)
    from platformdirs import user_cache_path

    return user_cache_path("histozoo")
