"""Where registry files lie."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "ZOO_REGISTRY"


def builtin_file() -> Path:
    """Our own registry.yaml: package data when installed, beside the package in a checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "registry.yaml"
    return installed if installed.exists() else package.parent / "registry.yaml"


def user_files() -> tuple[Path, ...]:
    """The files that the environment names; they add to ours and may replace rows of it."""
    return tuple(Path(name) for name in os.environ.get(VARIABLE, "").split(os.pathsep) if name)
