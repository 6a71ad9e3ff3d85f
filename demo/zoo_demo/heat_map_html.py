"""The heat map of one model over the tile, with what must be said of it."""

from __future__ import annotations

from html import escape

from zoo_demo.analysis import Analysis
from zoo_demo.heat_layer import heat_layer, map_note


def heat_map(analysis: Analysis, *, method: str, asked: str | None, tile: tuple[int, int]) -> str:
    """Return the figure; a model without a heat map has a sentence instead.

    Args:
        analysis: What one model made of the tile.
        method: The title of the heat map method.
        asked: The class that the visitor wants explained; None for the one that each model predicts.
        tile: Width and height of the tile.
    """
    if analysis.cells is None:
        return f'<p class="zoo-nomap">No heat map: {escape(analysis.no_heat_map)}.</p>'
    needed = analysis.model.config.preprocessing
    alt = escape(f"{method} of {analysis.model.name} for {analysis.label}", quote=True)
    layer = heat_layer(analysis.cells, (needed.width, needed.height))
    ratio = f"aspect-ratio: {tile[0]} / {tile[1]}"
    return (
        f'<figure class="zoo-map"><div class="zoo-stack" tabindex="0" role="group" aria-label="{alt}" style="{ratio}">'
        f'<div class="zoo-seen" style="{_place(analysis.box, tile)}"><img src="{layer}" alt="{alt}"></div></div>'
        f"<figcaption>{_caption(analysis, method, asked, tile)}</figcaption></figure>"
    )


def _caption(analysis: Analysis, method: str, asked: str | None, tile: tuple[int, int]) -> str:
    needed = analysis.model.config.preprocessing
    cells = analysis.cells or [[]]
    part = "" if analysis.box == (0, 0, *tile) else " of the middle of the tile"
    lines = [
        f"{escape(method)} for <b>{escape(analysis.label)}</b>",
        f"Input {size(needed.width, needed.height)} pixels{part}, map of {size(len(cells[0]), len(cells))} values",
    ]
    notes = []
    if asked is not None and asked != analysis.label:
        notes.append(f"This model has no class {asked}: the map is for its own answer.")
    if note := map_note(cells, analysis.label):
        notes.append(note)
    if analysis.prediction.unlike_training:
        notes.append("The map explains an answer that the model does not give.")
    return "".join(f"<p>{line}</p>" for line in lines) + "".join(f"<strong>{escape(note)}</strong>" for note in notes)


def size(width: int, height: int) -> str:
    """Return a width and a height, which are not broken at the end of a line."""
    return f"{width}\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}{height}"


def _place(box: tuple[float, float, float, float], tile: tuple[int, int]) -> str:
    """Return the CSS that puts a layer over the part of the tile that the network saw."""
    left, top, right, bottom = box
    width, height = tile
    return (
        f"left: {left / width:.4%}; top: {top / height:.4%}; "
        f"width: {(right - left) / width:.4%}; height: {(bottom - top) / height:.4%}"
    )
