"""Where a tile meets the models: what the page sends goes in, what it shows comes out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from zoo.errors import UsageError, ZooError
from zoo_demo import browser_input, results_html
from zoo_demo.analysis import Analysis, analyse
from zoo_demo.examples import Example
from zoo_demo.gpu import LENT, on_gpu
from zoo_demo.models import LoadedModel
from zoo_demo.tile import read_tile


class Handlers:
    """The models and examples of one page. `uploads` is the only folder that tiles are read from."""

    def __init__(self, models: Sequence[LoadedModel], examples: Sequence[Example], *, uploads: Path) -> None:
        self.models = tuple(models)
        self.examples = tuple(examples)
        self._uploads = uploads
        self._look = on_gpu(self._look_with)

    def warm_up(self) -> None:
        """Look once with every model, so that one that cannot is known now and the first click is not slow."""
        if not LENT:
            self._look_with(self.examples[0].picture, [model.name for model in self.models], "grad-cam", None)

    def answer(self, tile: Any, models: Any, kind: Any, label: Any) -> str:
        """The page's results for what the browser sent."""
        try:
            path = browser_input.uploaded(tile, folder=self._uploads)
            if path is None:
                return results_html.nothing_yet()
            method = browser_input.method(kind)
            names = [model.name for model in browser_input.chosen(models, self.models)]
            picture = read_tile(path)
            findings = self._look(picture, names, method, label)
        except ZooError as error:
            return results_html.trouble(error)
        return results_html.results(picture, findings, method=method, drawn=self._is_drawn(picture))

    def example(self, which: Any) -> Image.Image:
        """The example that was pressed."""
        number = which.get("number") if isinstance(which, dict) else None
        if not isinstance(number, int) or number not in range(len(self.examples)):
            raise UsageError("there is no such example")
        return self.examples[number].picture

    def _look_with(self, tile: Image.Image, names: Sequence[str], method: str, label: str | None) -> list[Analysis]:
        return [analyse(model, tile, method=method, label=label) for model in self.models if model.name in names]

    def _is_drawn(self, tile: Image.Image) -> bool:
        """Whether this is one of the examples, pixel by pixel."""
        return any(tile.size == example.picture.size and tile == example.picture for example in self.examples)
