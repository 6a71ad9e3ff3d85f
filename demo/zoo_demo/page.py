"""The Gradio page."""

from __future__ import annotations

from html import escape
from typing import Any

import gradio as gr

from zoo import __version__
from zoo.explain import METHODS
from zoo_demo import results_html
from zoo_demo.handlers import Handlers
from zoo_demo.models import classes

LARGEST_FILE = "20mb"
CHECK_SECONDS, KEEP_SECONDS = 300, 3600
"""How often old uploads are looked for, and how long one is kept."""

OWN_ANSWER = "what each model predicts"

_HEAD = """<header class="zoo-head"><h1>Compare models on a tile</h1>
<p>What each model says of one histopathology image, and where in it the model looked.</p></header>"""
_FOOT = f"""<footer class="zoo-foot"><p><b>For research and teaching. Not a medical device:</b> nobody's diagnosis or
treatment may rest on it. A model names one of its classes for any image, even for one that shows no tissue;
its probabilities are not calibrated, and a heat map shows where a model looked, not what is there.</p>
<p>Tiles stay with the computer that serves this page, which deletes them after an hour.</p>
<p>histozoo {escape(__version__)}</p>
</footer>"""

_WHICH = """element.addEventListener('click', event => {
    const button = event.target.closest('button[data-number]');
    if (button) trigger('click', {number: Number(button.dataset.number)});
});"""
"""Tells which example was pressed."""


def build(desk: Handlers) -> Any:
    """The page over a desk. One tile is analysed at a time, whoever asks."""
    with gr.Blocks(
        title="histozoo: compare models",
        analytics_enabled=False,
        delete_cache=(CHECK_SECONDS, KEEP_SECONDS),
    ) as page:
        gr.HTML(_HEAD)
        with gr.Row(elem_classes="zoo-columns"):
            with gr.Column(scale=2, min_width=300):
                tile, examples = _tile(), _examples(desk)
                wishes = _wishes(desk)
            with gr.Column(scale=5, min_width=300):
                results = gr.HTML(results_html.nothing_yet(), elem_id="results", min_height=120)
        gr.HTML(_FOOT)
        quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "minimal"}
        gr.on(
            [tile.change, *(wish.change for wish in wishes)],
            desk.answer,
            [tile, *wishes],
            results,
            preprocess=False,  # the desk checks what was sent; gradio would open an upload in any format
            trigger_mode="always_last",
            concurrency_limit=1,
            **quiet,
        )

        def take(event: gr.EventData) -> Any:
            return desk.example(event._data)

        examples.click(take, None, tile, **quiet)
    page.queue(max_size=32, default_concurrency_limit=1)
    return page


def _tile() -> Any:
    return gr.Image(
        label="Tile",
        type="filepath",
        format="png",  # of examples: what arrives is what was drawn
        image_mode=None,
        sources=["upload", "clipboard"],
        buttons=[],
        height=240,
        placeholder="Drop a tile here, or click to choose\nPNG, JPEG, TIFF, BMP or WebP, up to 20 MB",
        elem_id="tile",
    )


def _examples(desk: Handlers) -> Any:
    return gr.HTML(results_html.choices(desk.examples), js_on_load=_WHICH, elem_id="examples")


def _wishes(desk: Handlers) -> list[Any]:
    """Which models, which kind of map, for which class."""
    names = [model.name for model in desk.models]
    return [
        gr.CheckboxGroup(names, value=names, label="Models", visible=len(names) > 1, elem_id="models"),
        gr.Radio(
            [(name, value) for value, name in METHODS.items()],
            value="grad-cam",
            label="Heat map",
            info="DT Grad-CAM shows only what lies above a threshold that follows the map.",
            elem_id="method",
        ),
        gr.Dropdown(
            [OWN_ANSWER, *classes(desk.models)],
            value=OWN_ANSWER,
            label="Heat map for",
            filterable=False,
            elem_id="label",
        ),
    ]
