"""The components of the page that something happens to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class PageComponents:
    """The components of the page that something happens to."""

    page: Any
    tile: Any
    """The uploaded tile."""
    controls: list[Any]
    """The models, the heat map method, the class that it explains, and the coverage of prediction sets."""
    examples: Any
    """The buttons of the example tiles."""
    results: Any
    """The results for the tile."""
    files: Any
    """The images for the table."""
    start: Any
    """The button that predicts them."""
    table: Any
    """The results for them."""
