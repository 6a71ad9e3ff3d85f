"""One model looks at one tile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import perf_counter

from PIL import Image

from zoo.classifier import Prediction
from zoo.errors import PluginError
from zoo_demo.models import LoadedModel

LARGEST = 1024
"""The longer side of a picture on the page, in pixels. The model sees the whole tile whatever its size."""


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """What a model says of a tile, and where it looked."""

    model: LoadedModel
    prediction: Prediction
    label: str
    """The class that the map speaks for."""
    overlay: Image.Image | None
    trouble: str = ""
    """Why there is no map."""
    seconds: float
    device: str


def analyse(model: LoadedModel, tile: Image.Image, *, method: str, label: str | None) -> Analysis:
    """Classify a tile and draw the map; of its own answer where the model has no class `label`."""
    classifier = model.classifier
    wanted = label if label in classifier.classes else None
    overlay, trouble = None, ""
    start = perf_counter()
    try:
        found = classifier.explain(tile, method=method, label=wanted)
        prediction = found.prediction
    except PluginError as error:  # the architecture may have no layer to draw a map from
        prediction, trouble = classifier.predict(tile), error.message
    seconds = perf_counter() - start
    if not trouble:
        overlay = replace(found, image=small(tile)).overlay()
    return Analysis(
        model=model,
        prediction=prediction,
        label=wanted or prediction.label,
        overlay=overlay,
        trouble=trouble,
        seconds=seconds,
        device=classifier.mean.device.type.replace("cuda", "gpu").upper(),
    )


def small(tile: Image.Image) -> Image.Image:
    """A copy that fits the page."""
    copy = tile.copy()
    copy.thumbnail((LARGEST, LARGEST))
    return copy
