"""Which code a run was trained with, so that it is not gone on with by another."""

from __future__ import annotations

import hashlib
import platform
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch

from zoo.registry import Blueprint
from zoo.version import __version__


def code_of(blueprint: Blueprint) -> dict[str, str]:
    """What computes a training, and each part's version or the sum of its source."""
    package = blueprint.architecture.build.partition(":")[0].partition(".")[0]
    return {
        "histozoo": f"{__version__} ({_sum_of('zoo')})",
        package: _sum_of(package),
        "torch": str(torch.__version__),
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


@cache
def _sum_of(package: str) -> str:
    """The sum of every source file of an installed package."""
    digest = hashlib.sha256()
    spec = find_spec(package)
    places = [] if spec is None else list(spec.submodule_search_locations or [spec.origin or ""])
    for place in sorted(map(Path, places)):
        for file in [place] if place.is_file() else sorted(place.rglob("*.py")):
            digest.update(f"{file.name}\n".encode() + file.read_bytes())
    return digest.hexdigest()[:12]
