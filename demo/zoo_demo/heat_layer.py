"""A heat map as a layer over its tile: an image as large as the network's input, clear where the map is zero."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from io import BytesIO

import numpy as np
from PIL import Image

from zoo.explain import RAMP, place

Cells = Sequence[Sequence[float]]
"""The values of a heat map in 0..1, in rows from the top."""
MAX_SIDE = 512
"""The longest side of a layer, in pixels."""
STRENGTH = 0.55
"""How opaque a layer is at first where its map is 1."""
FLAT = 0.05
"""A map whose values all lie in so small a range shows no region."""
_LEVELS = np.linspace(0, 1, 256)


def heat_layer(cells: Cells, size: tuple[int, int]) -> str:
    """Return the layer as a `data:` URI of a PNG image.

    The layer has the resolution of the network's input, so that the map of a small input is drawn no finer than it is.

    Args:
        cells: The values of the heat map.
        size: Width and height of the network's input.
    """
    scale = min(1.0, MAX_SIDE / max(size))
    width, height = (max(1, round(side * scale)) for side in size)
    level = place(np.asarray(cells), (width, height), (0, 0, width, height)).clip(0, 1)
    layer = Image.fromarray((level * 255).round().astype(np.uint8), mode="P")
    layer.putpalette(_palette().tobytes(), rawmode="RGBA")
    buffer = BytesIO()
    layer.save(buffer, "PNG")
    return f"data:image/png;base64,{b64encode(buffer.getvalue()).decode()}"


def map_note(cells: Cells, label: str) -> str:
    """Return what is said of a heat map that shows no region; empty for any other.

    Args:
        cells: The values of the heat map.
        label: The class that it explains.
    """
    values = np.asarray(cells)
    if values.max() <= 0:
        return f"The map is empty: it finds no evidence for {label}."
    if values.max() - values.min() < FLAT:
        return "The map is the same everywhere: it points at no region."
    return ""


def legend_gradient() -> str:
    """Return the colors of the layers, from clear to opaque, as a CSS gradient."""
    steps = ", ".join(f"rgb({red} {green} {blue} / {alpha / 255:.2f})" for red, green, blue, alpha in _palette()[::15])
    return f"linear-gradient(to right, {steps})"


def _palette() -> np.ndarray:
    """Return red, green, blue and alpha of 256 levels; alpha grows with the root of the level, as in an overlay."""
    places = np.linspace(0, 1, len(RAMP))
    color = np.stack([np.interp(_LEVELS, places, RAMP[:, channel]) for channel in range(3)], axis=-1)
    alpha = 255 * np.sqrt(_LEVELS)[:, None]
    return np.asarray(np.concatenate([color, alpha], axis=1).round(), dtype=np.uint8)
