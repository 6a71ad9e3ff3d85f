"""The Gradio page: its tabs, components and theme."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from zoo.explain import explanation_methods
from zoo_demo import results_html
from zoo_demo.about_html import about
from zoo_demo.events import connect_api, connect_events, start_queue
from zoo_demo.examples import ON_LOAD, example_buttons
from zoo_demo.handlers import Handlers
from zoo_demo.leaderboard_html import leaderboard
from zoo_demo.limits import MAX_BATCH, STATED
from zoo_demo.models import all_classes
from zoo_demo.page_choices import NO_SETS, PREDICTED_CLASS
from zoo_demo.page_components import PageComponents
from zoo_demo.percentages import whole_percent
from zoo_demo.prediction_set import COVERAGES, has_sets

CSS = Path(__file__).with_name("page.css")
RESULTS_JS, SORTABLE_JS = (Path(__file__).with_name(name) for name in ("results.js", "sortable.js"))

_HEAD = """<header class="zoo-head"><h1>What do these models see in this tile?</h1>
<p>For research and teaching. <b>Not for diagnosis.</b></p></header>"""
_FOOT = """<footer class="zoo-foot"><p><b>Not a medical device:</b> do not base a diagnosis or a treatment on it. A
model gives any image one of its classes, and a heat map shows what influenced a model, not what is
there.</p></footer>"""

_FORMATS = "PNG, JPEG, TIFF, BMP, WebP or GIF"
_SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif")
_MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")


def theme() -> Any:
    """Return Gradio's base theme with other colors and with the system's fonts, so that none is downloaded."""
    base = gr.themes.Base(
        primary_hue="teal",
        neutral_hue="slate",
        font=[gr.themes.Font(name) for name in _SANS],
        font_mono=[gr.themes.Font(name) for name in _MONO],
    )
    return base.set(  # gradio's own gray and its light green are too faint to read
        color_accent="*primary_700",
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_dark="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_hover_dark="*primary_800",
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        block_info_text_color="*neutral_600",
        block_info_text_color_dark="*neutral_300",
    )


def build_page(handlers: Handlers) -> Any:
    """Return the page. Tiles are analyzed one at a time, for all visitors together."""
    with gr.Blocks(
        title="histozoo: what do these models see in this tile?", analytics_enabled=False, fill_width=True
    ) as page:
        gr.HTML(_HEAD)
        with gr.Tabs(overflow_behavior="wrap"):
            with gr.Tab("One tile"), gr.Row(elem_classes="zoo-columns"):
                with gr.Column(scale=2, min_width=280):
                    tile, examples, controls = _tile(), _examples(handlers), _controls(handlers)
                with gr.Column(scale=6, min_width=300):
                    results = gr.HTML(results_html.no_tile(), js_on_load=_text(RESULTS_JS), elem_id="results")
            with gr.Tab("Several images"):
                files, start, table = _batch()
            with gr.Tab("Leaderboard"):
                gr.HTML(leaderboard(handlers.models), js_on_load=_text(SORTABLE_JS), elem_id="leaderboard")
            with gr.Tab("About and limits"):
                gr.HTML(about(stated=STATED), elem_id="about")
        gr.HTML(_FOOT)
        shown = PageComponents(
            page=page,
            tile=tile,
            controls=controls,
            examples=examples,
            results=results,
            files=files,
            start=start,
            table=table,
        )
        connect_events(handlers, shown)
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
        height=220,
        placeholder=f"Drop a tile here, or click to choose\n{_FORMATS}\n{STATED}",
        elem_id="tile",
    )


def _examples(handlers: Handlers) -> Any:
    return gr.HTML(example_buttons(handlers.examples), js_on_load=ON_LOAD, elem_id="examples")


def _controls(handlers: Handlers) -> list[Any]:
    """Return the inputs beside the tile: models, heat map method, class to explain, coverage of prediction sets."""
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
        gr.Radio(
            [(NO_SETS, NO_SETS), *((whole_percent(coverage), coverage) for coverage in COVERAGES)],
            value=NO_SETS,
            label="Prediction set",
            info="All classes that cannot be ruled out, with this coverage for images of new patients.",
            visible=any(has_sets(model) for model in handlers.models),
            elem_id="coverage",
        ),
    ]


def _batch() -> tuple[Any, Any, Any]:
    """Return the inputs and the table of the tab for several images."""
    files = gr.File(
        label=f"Images: {_FORMATS}, {STATED} each, at most {MAX_BATCH} images",
        file_count="multiple",
        height=200,
        elem_id="files",
    )
    start = gr.Button("Predict with the models chosen for one tile", variant="primary", elem_id="start")
    table = gr.HTML(results_html.no_images(), js_on_load=_text(SORTABLE_JS), elem_id="table")
    return files, start, table


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
