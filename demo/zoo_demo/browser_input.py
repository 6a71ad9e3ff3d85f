"""Input from the browser, validated: anyone can send anything to the server."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from zoo.data.images import open_image, rgb
from zoo.errors import DataError, UsageError
from zoo.explain import explanation_methods
from zoo_demo.models import LoadedModel

MAX_PIXELS = 50_000_000
"""The largest tile. A small file can decode to a huge image, and a server has many visitors."""


def uploaded_file(value: Any, *, folder: Path) -> Path | None:
    """Return the path of the uploaded file, which must be in the upload folder; None if nothing was uploaded."""
    if value is None:
        return None
    path = value.get("path") if isinstance(value, dict) else None
    if not isinstance(path, str) or "\0" in path:
        raise DataError("this is not an uploaded file")
    resolved = Path(path).resolve()
    if not resolved.is_relative_to(folder.resolve()):
        raise DataError("this is not an uploaded file")
    if not resolved.is_file():
        raise DataError("this tile has been deleted, as all tiles are after an hour", hint="upload it again")
    return resolved


def read_tile(path: Path) -> Image.Image:
    """Decode a tile; errors contain the file's name but not the folder on the server."""
    try:
        with open_image(path) as image:
            if (pixels := image.width * image.height) > MAX_PIXELS:
                raise DataError(f"has {pixels:,} pixels", hint=f"a tile may have at most {MAX_PIXELS:,}")
            return rgb(image)
    except DataError as error:
        hint = error.hint or "upload a PNG, JPEG, TIFF, BMP or WebP image"
        raise DataError(error.message, where=path.name, hint=hint) from error


def selected_models(value: Any, models: Sequence[LoadedModel]) -> list[LoadedModel]:
    """Return the selected models, in the order of the page."""
    names = value if isinstance(value, list) else []
    selected = [model for model in models if model.name in names]
    if not selected:
        raise UsageError("no model is selected", hint="select at least one")
    return selected


def heat_map_method(value: Any) -> str:
    """Return the name of the heat map method."""
    methods = explanation_methods()
    if not isinstance(value, str) or value not in methods:
        titles = [method.title for method in methods.values()]
        raise UsageError("unknown heat map method", hint=f"choose {' or '.join(titles)}")
    return value
