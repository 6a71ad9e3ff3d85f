"""The models of a Space: Hub ids in an environment variable, or models.txt, a line for each model."""

from __future__ import annotations

import os
from pathlib import Path

from zoo.errors import UsageError

VARIABLE = "ZOO_DEMO_MODELS"
FILE = "models.txt"


def models_of_space(folder: Path) -> list[str]:
    """Return the models of the environment variable; if it is not set, those of models.txt in the folder of app.py."""
    names = [name.strip() for name in os.environ.get(VARIABLE, "").split(",") if name.strip()]
    if names:
        return names
    path = folder / FILE
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise UsageError(
            f"no model to show: {VARIABLE} names none, and there is no {FILE}",
            hint=f"set {VARIABLE} to Hub ids, separated by commas, or make the Space with zoo space push",
        ) from None
    listed = [text for line in lines if (text := line.partition("#")[0].strip())]
    if not listed:
        raise UsageError(f"{FILE} names no model", where=str(path), hint="write a Hub id into it")
    return [str(folder / text) if (folder / text).is_dir() else text for text in listed]
