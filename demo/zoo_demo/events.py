"""What happens when a visitor uses the page, and the one queue in which all requests wait for the models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from zoo_demo.api import Api
from zoo_demo.handlers import Handlers
from zoo_demo.limits import MAX_WAITING

MODELS = "models"
"""The name that all events that use the models have in common. Gradio runs one of them at a time."""


def connect_events(handlers: Handlers, *, tile: Any, controls: Sequence[Any], examples: Any, results: Any) -> None:
    """Connect the components to the handlers. To be called inside the page's `gr.Blocks`.

    Args:
        handlers: The page's event handlers.
        tile: The component with the uploaded tile.
        controls: The models, the heat map method and the class that the heat map explains, in this order.
        examples: The example buttons.
        results: The component that shows the results.
    """
    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "minimal"}
    gr.on(
        [tile.change, *(control.change for control in controls)],
        handlers.show_results,
        [tile, *controls],
        results,
        preprocess=False,  # the handlers check the upload themselves; gradio would open any image format
        trigger_mode="always_last",
        concurrency_limit=1,
        concurrency_id=MODELS,
        **private,
    )

    def show_example(event: gr.EventData) -> Any:
        return handlers.show_example(event._data)

    examples.click(show_example, None, tile, **private)


def connect_api(api: Api) -> None:
    """Add the endpoints for programs. To be called inside the page's `gr.Blocks`."""
    gr.api(api.models, api_name="models", concurrency_limit=None)
    gr.api(api.predict, api_name="predict", concurrency_limit=1, concurrency_id=MODELS)
    gr.api(api.compare, api_name="compare", concurrency_limit=1, concurrency_id=MODELS)


def start_queue(page: Any) -> None:
    """Make all requests wait in one queue, those of direct API clients too."""
    page.queue(max_size=MAX_WAITING, default_concurrency_limit=1, api_open=False)
