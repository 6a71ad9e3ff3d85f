"""The endpoints for programs: they take the name of an uploaded file, and return plain data."""
# No `from __future__ import annotations`: Gradio documents the endpoints from the types of the functions.

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import gradio as gr
from PIL import Image

from zoo.errors import UnknownNameError, ZooError
from zoo_demo.analysis import Analysis
from zoo_demo.analyzer import Analyzer
from zoo_demo.browser_input import Tile, heat_map_method, read_tile, uploaded_file
from zoo_demo.images_html import data_uri
from zoo_demo.model_facts import model_facts
from zoo_demo.models import PageModel, all_classes
from zoo_demo.overlay_picture import overlay_picture
from zoo_demo.uploads import Uploads

P = ParamSpec("P")
T = TypeVar("T")


def _errors_for_clients(function: Callable[P, T]) -> Callable[P, T]:
    """Return the function with errors that Gradio sends to the client, and does not print."""

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except ZooError as error:
            raise gr.Error(str(error), print_exception=False) from error

    return wrapper


class Api:
    """The functions behind the endpoints of one page.

    Args:
        analyzer: Analyzes tiles with the models of the page.
        uploads: The uploaded files, the only ones that are read.
    """

    def __init__(self, analyzer: Analyzer, *, uploads: Uploads) -> None:
        self._analyzer = analyzer
        self._uploads = uploads

    @_errors_for_clients
    def models(self) -> list[dict[str, Any]]:
        """Return the models of the page: name, classes, input size, decision threshold, and how each was trained."""
        return [_described(model) for model in self._analyzer.models]

    @_errors_for_clients
    def predict(self, tile: dict[str, Any], models: list[str] | None = None) -> dict[str, Any]:
        """Return what models predict for a tile: for each the label, all probabilities, and the time that it took.

        Args:
            tile: An uploaded image.
            models: Names of models; all if it is null.
        """
        read, chosen = self._tile(tile), self._chosen(models)
        analyses = self._analyzer.analyze(read.image, chosen, None, None)
        return {**_size(read), "predictions": [_prediction(analysis) for analysis in analyses]}

    @_errors_for_clients
    def compare(
        self,
        tile: dict[str, Any],
        models: list[str] | None = None,
        method: str = "grad-cam",
        label: str | None = None,
        overlay: bool = False,
    ) -> dict[str, Any]:
        """Return what models predict for a tile, and a heat map of each, as numbers.

        Args:
            tile: An uploaded image.
            models: Names of models; all if it is null.
            method: The heat map method, such as "grad-cam" or "dt-gradcam".
            label: The class that the heat maps explain; what each model predicts if it is null.
            overlay: Draw each heat map over the tile too.
        """
        chosen, name = self._chosen(models), heat_map_method(method)
        if label is not None and label not in (known := all_classes(chosen)):
            raise UnknownNameError("class", str(label), known)
        if not isinstance(overlay, bool):
            raise ZooError("overlay is neither true nor false", hint="leave it out to get the heat map as numbers only")
        read = self._tile(tile)
        analyses = self._analyzer.analyze(read.image, chosen, name, label)
        drawn = [overlay_picture(one, read.image, method=name) if overlay else None for one in analyses]
        explained = [_explained(one, picture) for one, picture in zip(analyses, drawn, strict=True)]
        return {**_size(read), "method": name, "predictions": explained}

    def _tile(self, value: Any) -> Tile:
        path = uploaded_file(value, self._uploads)
        if path is None:
            raise ZooError("there is no tile", hint="upload one first")
        return read_tile(path)

    def _chosen(self, names: Any) -> list[PageModel]:
        """Return the named models; all if `names` is None."""
        models = {model.name: model for model in self._analyzer.models}
        if names is None:
            return list(models.values())
        if not isinstance(names, list) or not names:
            raise ZooError("models is not a list of names", hint="leave it out for all models")
        if unknown := [name for name in names if name not in list(models)]:
            raise UnknownNameError("model", str(unknown[0]), models)
        return [model for name, model in models.items() if name in names]


def _described(model: PageModel) -> dict[str, Any]:
    config, calibration = model.config, model.calibration
    facts = model_facts(config)
    return {
        "name": model.name,
        "classes": list(config.classes),
        "input_size": [config.preprocessing.width, config.preprocessing.height],
        "decision_threshold": calibration.threshold if len(config.classes) == 2 else None,
        "probabilities": str(calibration),
        "trained_on": facts.trained_on,
        "facts": dict(facts.rows),
        "leaked_results": model.leaked,
    }


def _size(tile: Tile) -> dict[str, Any]:
    return {"width": tile.image.width, "height": tile.image.height, "only_first_page": tile.only_first}


def _prediction(analysis: Analysis) -> dict[str, Any]:
    prediction = analysis.prediction
    return {
        "model": analysis.model.name,
        "label": prediction.label,
        "answer": prediction.answer,
        "probabilities": dict(prediction.probabilities),
        "novelty": prediction.novelty,
        "seconds": round(analysis.seconds, 4),
        "device": analysis.device,
    }


def _explained(analysis: Analysis, overlay: Image.Image | None) -> dict[str, Any]:
    return {
        **_prediction(analysis),
        "explained_class": analysis.label,
        "heat_map": analysis.cells,
        "heat_map_box": analysis.box,
        "overlay": None if overlay is None else data_uri(overlay),
        "no_heat_map": analysis.no_heat_map or None,
    }
