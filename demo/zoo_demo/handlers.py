"""The page's event handlers: from the browser's input to the HTML of the results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PIL import Image

from zoo.errors import UsageError, ZooError
from zoo_demo import results_html
from zoo_demo.analyzer import Analyzer
from zoo_demo.api import Api
from zoo_demo.browser_input import heat_map_method, read_tile, selected_models, uploaded_file
from zoo_demo.examples import Example
from zoo_demo.models import LoadedModel
from zoo_demo.uploads import Uploads
from zoo_demo.zero_gpu import on_zero_gpu


class Handlers:
    """The event handlers of one page.

    Args:
        models: The models to compare.
        examples: The example tiles.
        uploads: The uploaded files, the only ones that are read.
    """

    def __init__(self, models: Sequence[LoadedModel], examples: Sequence[Example], *, uploads: Uploads) -> None:
        self.models = tuple(models)
        self.examples = tuple(examples)
        self._uploads = uploads
        self._analyzer = Analyzer(self.models)
        self.api = Api(self._analyzer, uploads=uploads)

    def warm_up(self) -> None:
        """Analyze one example with every model: a model that fails does so now, and the first click is not slow."""
        if not on_zero_gpu():  # it would take from the visitors' time on a GPU
            self._analyzer.analyze(self.examples[0].image, self.models, "grad-cam", None)

    def show_results(self, tile: Any, models: Any, method: Any, label: Any) -> str:
        """Return the results as HTML, or an error message in their place."""
        try:
            path = uploaded_file(tile, self._uploads)
            if path is None:
                return results_html.no_tile()
            method = heat_map_method(method)
            selected = selected_models(models, self.models)
            read = read_tile(path)
            analyses = self._analyzer.analyze(read.image, selected, method, label)
        except ZooError as error:
            return results_html.error_message(error)
        return results_html.results(
            read.image, analyses, method=method, synthetic=self._is_example(read.image), only_first=read.only_first
        )

    def show_example(self, event: Any) -> Image.Image:
        """Return the example that was clicked."""
        number = event.get("number") if isinstance(event, dict) else None
        if not isinstance(number, int) or number not in range(len(self.examples)):
            raise UsageError("there is no such example")
        return self.examples[number].image

    def _is_example(self, tile: Image.Image) -> bool:
        """Return whether the tile is one of the examples, pixel by pixel."""
        return any(tile.size == example.image.size and tile == example.image for example in self.examples)
