"""The heat map drawn over the tile, as a picture for programs. The page draws its maps in the browser."""

from __future__ import annotations

import numpy as np
from PIL import Image

from zoo.classifier import Explanation
from zoo.explain import place
from zoo_demo.analysis import Analysis
from zoo_demo.images_html import thumbnail


def overlay_picture(analysis: Analysis, tile: Image.Image, *, method: str) -> Image.Image | None:
    """Return a copy of the tile, no larger than on the page, under its heat map; None if there is no heat map.

    Args:
        analysis: What one model made of the tile.
        tile: The tile.
        method: The name of the heat map method.
    """
    if analysis.cells is None:
        return None
    small, cells = thumbnail(tile), np.asarray(analysis.cells)  # that of a large tile would take gigabytes
    left, top, right, bottom = analysis.box
    across, down = small.width / tile.width, small.height / tile.height
    heat = place(cells, small.size, (left * across, top * down, right * across, bottom * down))
    explanation = Explanation(
        image=small, label=analysis.label, method=method, heat=heat, cells=cells, prediction=analysis.prediction
    )
    return explanation.overlay()
