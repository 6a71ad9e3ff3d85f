"""What a browser sent, checked: anybody can send anything."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from zoo.errors import DataError, UsageError
from zoo.explain import METHODS
from zoo_demo.models import LoadedModel


def uploaded(sent: Any, *, folder: Path) -> Path | None:
    """The uploaded file, which must lie in the folder that uploads go to; None when there is none."""
    if sent is None:
        return None
    path = sent.get("path") if isinstance(sent, dict) else None
    if not isinstance(path, str) or "\0" in path:
        raise DataError("this is not an uploaded file")
    place = Path(path).resolve()
    if not place.is_relative_to(folder.resolve()):
        raise DataError("this is not an uploaded file")
    if not place.is_file():
        raise DataError("the tile was deleted after a while", hint="choose it again")
    return place


def chosen(sent: Any, models: Sequence[LoadedModel]) -> list[LoadedModel]:
    """The models that were ticked, in the page's order."""
    names = sent if isinstance(sent, list) else []
    found = [model for model in models if model.name in names]
    if not found:
        raise UsageError("no model is chosen", hint="tick at least one")
    return found


def method(sent: Any) -> str:
    """The kind of heat map."""
    if not isinstance(sent, str) or sent not in METHODS:
        raise UsageError("there is no such heat map", hint=f"there is {' and '.join(METHODS.values())}")
    return sent
