"""The page's event handlers: from the browser's input to the HTML of the results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from PIL import Image

from zoo.errors import UsageError, ZooError
from zoo_demo import results_html
from zoo_demo.analyzer import Analyzer
from zoo_demo.api import Api
from zoo_demo.batch import batch_rows
from zoo_demo.batch_html import batch_table
from zoo_demo.browser_input import (
    explained_class,
    heat_map_method,
    read_tile,
    selected_models,
    set_coverage,
    uploaded_file,
)
from zoo_demo.examples import Example
from zoo_demo.limits import MAX_BATCH
from zoo_demo.models import all_classes
from zoo_demo.page_choices import Choices, choices_of_link
from zoo_demo.uploads import Uploads


class Handlers:
    """The event handlers of one page.

    Args:
        analyzer: Analyzes tiles with the models to compare.
        examples: The example tiles.
        uploads: The uploaded files, the only ones that are read.
    """

    def __init__(self, analyzer: Analyzer, examples: Sequence[Example], *, uploads: Uploads) -> None:
        self.models = analyzer.models
        self.examples = tuple(examples)
        self._uploads = uploads
        self._analyzer = analyzer
        self.api = Api(analyzer, uploads=uploads)

    def show_results(self, tile: Any, models: Any, method: Any, label: Any, coverage: Any = None) -> str:
        """Return the results as HTML, or an error message in their place."""
        try:
            path = uploaded_file(tile, self._uploads)
            if path is None:
                return results_html.no_tile()
            chosen = Choices(
                models=tuple(model.name for model in selected_models(models, self.models)),
                method=heat_map_method(method),
                label=explained_class(label),
                coverage=set_coverage(coverage),
            )
            read = read_tile(path)
            selected = [model for model in self.models if model.name in chosen.models]
            analyses = self._analyzer.analyze(read.image, selected, chosen.method, chosen.label)
        except ZooError as error:
            return results_html.error_message(error)
        choices = replace(chosen, example=self._example_of(read.image))
        return results_html.results(read.image, analyses, choices=choices, only_first=read.only_first)

    def show_batch(self, files: Any, models: Any, coverage: Any) -> str:
        """Return a table of what the models say of several images, or an error message in its place."""
        try:
            if not isinstance(files, list) or not files:
                return results_html.no_images()
            if len(files) > MAX_BATCH:
                raise UsageError(f"these are {len(files)} images", hint=f"choose at most {MAX_BATCH}")
            selected, chosen = selected_models(models, self.models), set_coverage(coverage)
        except ZooError as error:
            return results_html.error_message(error)
        rows = batch_rows(files, selected, analyzer=self._analyzer, uploads=self._uploads)
        return batch_table(rows, selected, coverage=chosen)

    def choices_in(self, words: Mapping[str, str]) -> Choices:
        """Return the choices that a link holds."""
        names, classes = [model.name for model in self.models], all_classes(self.models)
        return choices_of_link(words, models=names, classes=classes, examples=len(self.examples))

    def show_example(self, event: Any) -> Image.Image:
        """Return the example that was clicked."""
        number = event.get("number") if isinstance(event, dict) else None
        if not isinstance(number, int) or number not in range(len(self.examples)):
            raise UsageError("there is no such example")
        return self.examples[number].image

    def _example_of(self, tile: Image.Image) -> int | None:
        """Return the number of the example that a tile is, pixel by pixel; None if it is none of them."""
        images = [example.image for example in self.examples]
        return next((index for index, one in enumerate(images) if tile.size == one.size and tile == one), None)
