"""The Gradio page: its components, theme and texts."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from zoo import __version__
from zoo.explain import explanation_methods
from zoo_demo import results_html
from zoo_demo.events import connect_api, connect_events, start_queue
from zoo_demo.examples import ON_LOAD, example_buttons
from zoo_demo.handlers import Handlers
from zoo_demo.limits import STATED
from zoo_demo.models import all_classes

CSS = Path(__file__).with_name("page.css")

PREDICTED_CLASS = "what each model predicts"

_HEAD = """<header class="zoo-head"><h1>Compare models on a tile</h1>
<p>What each model predicts for one histopathology image, and the heat map that explains it.</p></header>"""
_FOOT = f"""<footer class="zoo-foot"><p><b>For research and teaching. Not a medical device:</b> do not base a diagnosis
or treatment on it. A model gives any image one of its classes, and does not always notice that it shows no tissue; its
probabilities are calibrated at most for images like those of its validation part, and a heat map shows what influenced
a model, not what is there.</p>
<p>Tiles stay on the computer that serves this page and are deleted after an hour.</p>
<p>histozoo {escape(__version__)}</p>
</footer>"""

_SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif")
_MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")


def theme() -> Any:
    """Return Gradio's base theme with other colors and with the system's fonts, so that none is downloaded."""
    base = gr.themes.Base(
        primary_hue="violet",
        neutral_hue="slate",
        font=[gr.themes.Font(name) for name in _SANS],
        font_mono=[gr.themes.Font(name) for name in _MONO],
    )
    return base.set(  # gradio's own gray is too faint to read
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        block_info_text_color="*neutral_600",
        block_info_text_color_dark="*neutral_300",
    )


def build_page(handlers: Handlers) -> Any:
    """Return the page. Tiles are analyzed one at a time, for all visitors together."""
    with gr.Blocks(title="histozoo: compare models", analytics_enabled=False) as page:
        gr.HTML(_HEAD)
        with gr.Row(elem_classes="zoo-columns"):
            with gr.Column(scale=2, min_width=300):
                tile, examples = _tile(), _examples(handlers)
                controls = _controls(handlers)
            with gr.Column(scale=5, min_width=300):
                results = gr.HTML(results_html.no_tile(), elem_id="results", min_height=120)
        gr.HTML(_FOOT)
        connect_events(handlers, tile=tile, controls=controls, examples=examples, results=results)
        connect_api(handlers.api)
    start_queue(page)
    return page


def _tile() -> Any:
    return gr.Image(
        label="Tile",
        type="filepath",
        format="png",  # lossless, so that an example that comes back is recognized
        image_mode=None,
        sources=["upload", "clipboard"],
        buttons=[],
        height=240,
        placeholder=f"Drop a tile here, or click to choose\nPNG, JPEG, TIFF, BMP, WebP or GIF\n{STATED}",
        elem_id="tile",
    )


def _examples(handlers: Handlers) -> Any:
    return gr.HTML(example_buttons(handlers.examples), js_on_load=ON_LOAD, elem_id="examples")


def _controls(handlers: Handlers) -> list[Any]:
    """Return the inputs beside the tile: the models, the heat map method, the class that the heat map explains."""
    names = [model.name for model in handlers.models]
    return [
        gr.CheckboxGroup(names, value=names, label="Models", visible=len(names) > 1, elem_id="models"),
        gr.Radio(
            [(method.title, name) for name, method in explanation_methods().items()],
            value="grad-cam",
            label="Heat map",
            info="DT Grad-CAM hides everything below a threshold computed from the heat map.",
            elem_id="method",
        ),
        gr.Dropdown(
            [PREDICTED_CLASS, *all_classes(handlers.models)],
            value=PREDICTED_CLASS,
            label="Heat map for",
            filterable=False,
            elem_id="label",
        ),
    ]
