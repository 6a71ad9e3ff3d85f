"""What happens when a visitor uses the page, and the one queue in which all requests wait for the models."""

from __future__ import annotations

from typing import Any

import gradio as gr

from zoo_demo import while_working
from zoo_demo.api import Api
from zoo_demo.handlers import Handlers
from zoo_demo.limits import MAX_WAITING
from zoo_demo.page_choices import NO_SETS, PREDICTED_CLASS
from zoo_demo.page_components import PageComponents

MODELS = "models"
"""The name that all events that use the models have in common. Gradio runs one of them at a time."""
PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


def connect_events(handlers: Handlers, shown: PageComponents) -> None:
    """Connect the components to the handlers. To be called inside the page's `gr.Blocks`."""
    tile, controls, results = shown.tile, shown.controls, shown.results
    one_at_a_time: dict[str, Any] = {**PRIVATE, "concurrency_limit": 1, "concurrency_id": MODELS}
    # before the handlers, since the browser runs what belongs to one event in this order
    seen, changed = [tile, controls[0]], [control.change for control in controls]
    tile.change(None, seen, results, js=while_working.OF_TILE, **PRIVATE)
    gr.on(changed, None, seen, results, js=while_working.OF_CONTROLS, **PRIVATE)
    shown.start.click(None, [shown.files, controls[0]], shown.table, js=while_working.OF_BATCH, **PRIVATE)
    # preprocess=False: the handlers check the uploads themselves; gradio would open any image format
    answered = gr.on(
        [tile.change, *changed],
        handlers.show_results,
        [tile, *controls],
        results,
        preprocess=False,
        trigger_mode="always_last",
        **one_at_a_time,
    )
    answered.failure(None, None, results, js=while_working.FAILED, **PRIVATE)

    batch = [shown.files, controls[0], controls[3]]
    predicted = shown.start.click(handlers.show_batch, batch, shown.table, preprocess=False, **one_at_a_time)
    predicted.failure(None, None, shown.table, js=while_working.FAILED, **PRIVATE)

    def show_example(event: gr.EventData) -> Any:
        return handlers.show_example(event._data)

    shown.examples.click(show_example, None, tile, **PRIVATE)

    def open_link(request: gr.Request) -> Any:
        words = dict(request.query_params)
        if not words.keys() & {"models", "method", "class", "coverage", "example"}:
            return [gr.skip() for _ in [tile, *controls]]
        found = handlers.choices_in(words)
        image = gr.skip() if found.example is None else handlers.examples[found.example].image
        return [image, [*found.models], found.method, found.label or PREDICTED_CLASS, found.coverage or NO_SETS]

    shown.page.load(open_link, None, [tile, *controls], **PRIVATE)


def connect_api(api: Api) -> None:
    """Add the endpoints for programs. To be called inside the page's `gr.Blocks`."""
    gr.api(api.models, api_name="models", concurrency_limit=None)
    gr.api(api.predict, api_name="predict", concurrency_limit=1, concurrency_id=MODELS)
    gr.api(api.compare, api_name="compare", concurrency_limit=1, concurrency_id=MODELS)


def start_queue(page: Any) -> None:
    """Make all requests wait in one queue, those of direct API clients too."""
    page.queue(max_size=MAX_WAITING, default_concurrency_limit=1, api_open=False)
