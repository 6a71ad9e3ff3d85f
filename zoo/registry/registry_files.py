"""The paths of registry files."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "ZOO_REGISTRY"


def builtin_file() -> Path:
    """Return the path of histozoo's registry.yaml: in the installed package, or next to the package in a checkout."""
    package = Path(__file__).resolve().parent.parent
    installed = package / "registry.yaml"
    return installed if installed.exists() else package.parent / "registry.yaml"


def user_files() -> tuple[Path, ...]:
    """Return the files named by ZOO_REGISTRY. They add rows to the built-in file and may replace rows of it."""
    return tuple(Path(name) for name in os.environ.get(VARIABLE, "").split(os.pathsep) if name)
