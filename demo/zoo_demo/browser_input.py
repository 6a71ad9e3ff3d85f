"""Input from the browser, validated: anyone can send anything to the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from PIL import Image

from zoo.data.images import has_more_pages, open_image, rgb
from zoo.errors import DataError, UnknownNameError, UsageError
from zoo.explain import explanation_methods
from zoo_demo.limits import KEEP_SECONDS, MAX_PIXELS
from zoo_demo.models import PageModel
from zoo_demo.page_choices import NO_SETS, PREDICTED_CLASS
from zoo_demo.uploads import Uploads

_DECODING = Lock()
"""One image is decoded at a time: it can take much more memory than its file."""


@dataclass(frozen=True, kw_only=True)
class Tile:
    """A decoded tile."""

    image: Image.Image
    only_first: bool = False
    """Whether the file has several pages or frames, of which this is the first."""


def uploaded_file(value: Any, uploads: Uploads) -> Path | None:
    """Return the path of the uploaded file, which must be a regular file; None if nothing was uploaded."""
    if value is None:
        return None
    path = value.get("path") if isinstance(value, dict) else None
    if not isinstance(path, str) or not uploads.contains(path):
        raise DataError("this is not an uploaded file")
    if not uploads.exists(path):
        raise DataError(
            f"this tile has been deleted, as all tiles are after {KEEP_SECONDS // 60} minutes", hint="upload it again"
        )
    found = uploads.find(path)
    if found is None:
        raise DataError("this is not an uploaded file")
    return found


def read_tile(path: Path) -> Tile:
    """Decode a tile; errors contain the file's name but not the folder on the server."""
    try:
        with _DECODING, open_image(path, max_pixels=MAX_PIXELS) as image:
            return Tile(image=rgb(image), only_first=has_more_pages(image))
    except DataError as error:
        hint = error.hint or "upload a PNG, JPEG, TIFF, BMP, WebP or GIF image"
        raise DataError(error.message, where=path.name, hint=hint) from error


def selected_models(value: Any, models: Sequence[PageModel]) -> list[PageModel]:
    """Return the selected models, in the order of the page."""
    names = value if isinstance(value, list) else []
    selected = [model for model in models if model.name in names]
    if not selected:
        raise UsageError("no model is selected", hint="select at least one")
    return selected


def heat_map_method(value: Any) -> str:
    """Return the name of the heat map method."""
    known = explanation_methods()
    if not isinstance(value, str) or value not in known:
        raise UnknownNameError("heat map method", str(value), known)
    return value


def explained_class(value: Any) -> str | None:
    """Return the class that heat maps explain; None for the one that each model predicts."""
    return value if isinstance(value, str) and value != PREDICTED_CLASS else None


def set_coverage(value: Any) -> float | None:
    """Return the coverage of the prediction sets; None for no sets."""
    if value is None or value == NO_SETS:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1:
        raise UsageError("the coverage must be between 0 and 1", hint=f"choose {NO_SETS!r} for no prediction sets")
    return float(value)
