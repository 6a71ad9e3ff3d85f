"""One model's prediction and heat map for one tile."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

from PIL import Image

from zoo.classifier import Explanation, Prediction
from zoo.data.images import visible_box
from zoo.errors import PluginError
from zoo_demo.models import PageModel


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One model's prediction and heat map for one tile: plain data, which can be sent from one process to another."""

    prediction: Prediction
    label: str
    """The class that the heat map explains."""
    cells: list[list[float]] | None = None
    """The values of the heat map, from 0 to 1, in rows from the top; None if there is no heat map."""
    box: tuple[float, float, float, float]
    """The part of the tile that the model saw: left, top, right and bottom in pixels."""
    no_heat_map: str = ""
    """The reason why there is no heat map."""
    seconds: float
    device: str


@dataclass(frozen=True, kw_only=True)
class Analysis(Answer):
    """An answer, and the model that gave it."""

    model: PageModel


def analyze(model: PageModel, tile: Image.Image, *, method: str | None, label: str | None) -> Answer:
    """Return the prediction and the heat map of one model.

    Args:
        model: The model.
        tile: The tile.
        method: The name of the heat map method; None for no heat map.
        label: The class to explain; the predicted one if it is None or not a class of this model.
    """
    classifier = model.classifier
    explained = label if label in classifier.classes else None
    explanation: Explanation | None = None
    no_heat_map = ""
    start = perf_counter()
    try:
        if method is not None:
            explanation = classifier.explain(tile, method=method, label=explained)
    except PluginError as error:  # the architecture may declare no layer for the heat map
        no_heat_map = error.message
    prediction = classifier.predict(tile) if explanation is None else explanation.prediction
    seconds = perf_counter() - start
    return Answer(
        prediction=prediction,
        label=explained or prediction.label,
        cells=None if explanation is None else explanation.cells.round(4).tolist(),
        box=visible_box(tile.size, classifier.config.preprocessing),
        no_heat_map=no_heat_map,
        seconds=seconds,
        device=classifier.mean.device.type.replace("cuda", "gpu").upper(),
    )
