"""The results as HTML. All text from other modules is escaped, since a bundle may be from anyone."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import chain

from PIL import Image

from zoo.errors import ZooError
from zoo.explain import explanation_methods
from zoo_demo.analysis import Analysis
from zoo_demo.card_html import card
from zoo_demo.consensus import agreement
from zoo_demo.heat_layer import STRENGTH, legend_gradient
from zoo_demo.images_html import data_uri, thumbnail
from zoo_demo.page_choices import Choices
from zoo_demo.result_document import document_uri, result_document
from zoo_demo.tile_notes import blank_note
from zoo_demo.warnings_html import shared_warnings

_SYNTHETIC, _FIRST = "synthetic tile, drawn by a program", "only the first of several pages"


def no_tile() -> str:
    """Return the message that is shown before a tile is chosen."""
    return note("", "<b>No tile yet.</b> <span>Upload one, or choose a synthetic example.</span>")


def no_images() -> str:
    """Return the message that is shown before images for the table are chosen."""
    return note("", "<b>No images yet.</b> <span>Upload some to get a table of what each model says.</span>")


def error_message(error: ZooError) -> str:
    """Return an error message, shown in place of the results: what went wrong, and what to do."""
    continues = error.message.startswith(("is ", "has "))  # it is a sentence whose subject is the file
    what = f"{error.where}{'' if continues else ':'} {error.message}" if error.where else _capitalized(error.message)
    hint = f"<span>{escape(_capitalized(error.hint))}.</span>" if error.hint else ""
    return note("zoo-wrong", f"<b>{escape(what)}.</b> {hint}", role="alert")


def results(tile: Image.Image, analyses: Sequence[Analysis], *, choices: Choices, only_first: bool = False) -> str:
    """Return one sentence for all models, the tile, and one card for each model.

    Args:
        tile: The tile.
        analyses: What each model made of it.
        choices: What the visitor chose.
        only_first: Whether the tile is the first of several pages of its file.
    """
    found = {analysis.model.name: analysis.prediction for analysis in analyses}
    document = result_document(tile, analyses, choices=choices)
    synthetic = choices.example is not None
    badges = [*([_SYNTHETIC] if synthetic else []), *([_FIRST] if only_first else [])]
    title = explanation_methods()[choices.method].title
    cards = (
        card(analysis, method=title, asked=choices.label, coverage=choices.coverage, tile=tile.size)
        for analysis in analyses
    )
    return (
        f'<section class="zoo-results" style="--tile: url({data_uri(thumbnail(tile))})">'
        f'<p class="zoo-verdict">{_sentences(agreement(found))}</p>'
        f"{shared_warnings([analysis.model for analysis in analyses])}"
        f"{_tools(document_uri(document), choices.link())}"
        f'<div class="zoo-cards">{"".join(chain([_tile_card(tile, badges)], cards))}</div></section>'
    )


def _sentences(found: Sequence[str]) -> str:
    unbroken = (escape(sentence).replace(" %", "\N{NO-BREAK SPACE}%") for sentence in found)
    return " ".join(f"<span>{sentence}</span>" for sentence in unbroken)


def _tools(document: str, link: str) -> str:
    """Return what is above the cards: opacity and legend of the heat maps, downloads, and a link."""
    slider = (
        '<label class="zoo-opacity">Heat maps <input type="range" min="0" max="100" step="5" '
        f'value="{STRENGTH * 100:.0f}" data-zoo="opacity" aria-label="Opacity of the heat maps"></label>'
    )
    legend = (
        f'<span class="zoo-legend">0 <i><i style="background: {legend_gradient()}"></i></i> 1, '
        "each map’s maximum; 0 is clear</span>"
    )
    downloads = (
        '<span class="zoo-downloads"><button type="button" data-zoo="png">PNG</button>'
        f'<a download="histozoo-comparison.json" href="{document}">JSON</a>'
        f'<a href="{escape(link, quote=True)}" title="The link holds the choices, but not your tile">Link</a></span>'
    )
    return f'<div class="zoo-tools">{slider}{legend}{downloads}</div>'


def _tile_card(tile: Image.Image, badges: Sequence[str]) -> str:
    """Return the tile, as large as in the other cards."""
    shown = "".join(f'<span class="zoo-badge">{badge}</span>' for badge in badges)
    blank = blank_note(tile)
    words = f"<strong>{escape(blank)}</strong>" if blank else ""
    return (
        '<article class="zoo-card zoo-tile"><header><h2>The tile</h2></header>'
        '<figure class="zoo-map"><div class="zoo-stack" tabindex="0" role="img" '
        f'aria-label="The tile, without a heat map" style="aspect-ratio: {tile.width} / {tile.height}"></div>'
        f"<figcaption><p>Tile of {tile.width} × {tile.height} pixels</p>{shown}{words}</figcaption></figure></article>"
    )


def note(kind: str, text: str, *, role: str = "status") -> str:
    """Return a message in place of the results; the text is HTML."""
    return f'<div class="zoo-note {kind}" role="{role}"><p>{text}</p></div>'


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]
