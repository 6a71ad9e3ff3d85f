"""One model's prediction and heat map for one tile."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

from PIL import Image

from zoo.classifier import Prediction
from zoo.errors import PluginError
from zoo_demo.images_html import thumbnail
from zoo_demo.models import LoadedModel


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """One model's prediction and heat map for one tile."""

    model: LoadedModel
    prediction: Prediction
    label: str
    """The class that the heat map explains."""
    overlay: Image.Image | None
    """The tile under its heat map; None if there is no heat map."""
    no_heat_map: str = ""
    """The reason why there is no heat map."""
    seconds: float
    device: str


def analyze(model: LoadedModel, tile: Image.Image, *, method: str, label: str | None) -> Analysis:
    """Return the prediction and the heat map of one model.

    The heat map explains the predicted class if `label` is None or not a class of this model.
    """
    classifier = model.classifier
    explained = label if label in classifier.classes else None
    overlay, no_heat_map = None, ""
    start = perf_counter()
    try:
        explanation = classifier.explain(tile, method=method, label=explained)
        prediction = explanation.prediction
    except PluginError as error:  # the architecture may declare no layer for the heat map
        prediction, no_heat_map = classifier.predict(tile), error.message
    seconds = perf_counter() - start
    if not no_heat_map:
        overlay = thumbnail(explanation.overlay())
    return Analysis(
        model=model,
        prediction=prediction,
        label=explained or prediction.label,
        overlay=overlay,
        no_heat_map=no_heat_map,
        seconds=seconds,
        device=classifier.mean.device.type.replace("cuda", "gpu").upper(),
    )
