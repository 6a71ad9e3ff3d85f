"""The results as plain data, to be downloaded as JSON."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from PIL import Image

from zoo import __version__
from zoo_demo.analysis import Analysis
from zoo_demo.consensus import agreement
from zoo_demo.model_facts import model_facts
from zoo_demo.page_choices import Choices
from zoo_demo.prediction_set import set_or_none

NOTICE = "For research and teaching. Not a medical device, and not for diagnosis."


def result_document(tile: Image.Image, analyses: Sequence[Analysis], *, choices: Choices) -> dict[str, Any]:
    """Return everything that the cards show.

    Args:
        tile: The tile.
        analyses: What each model made of it.
        choices: What the visitor chose.
    """
    return {
        "histozoo": __version__,
        "notice": NOTICE,
        "tile": {"width": tile.width, "height": tile.height, "synthetic": choices.example is not None},
        "agreement": " ".join(agreement({analysis.model.name: analysis.prediction for analysis in analyses})),
        "models": [_of_model(analysis, choices) for analysis in analyses],
    }


def document_uri(document: dict[str, Any]) -> str:
    """Return a document as a `data:` URI, so that nothing is written to disk to offer it."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1)
    return f"data:application/json;base64,{b64encode(text.encode()).decode()}"


def _of_model(analysis: Analysis, choices: Choices) -> dict[str, Any]:
    model, prediction = analysis.model, analysis.prediction
    two = len(model.classes) == 2
    return {
        "name": model.name,
        "answer": prediction.answer,
        "label": prediction.label,
        "probabilities": dict(prediction.probabilities),
        "calibration": str(model.calibration),
        "threshold": model.calibration.threshold if two else None,
        "coverage": choices.coverage,
        "possible": set_or_none(analysis, choices.coverage),
        "novelty": prediction.novelty,
        "unlike_training": prediction.unlike_training,
        "heat_map": _heat_map(analysis, choices.method),
        "how_well": None if model.how_well is None else str(model.how_well),
        "facts": dict(model_facts(model.config).rows),
        "seconds": round(analysis.seconds, 4),
        "device": analysis.device,
    }


def _heat_map(analysis: Analysis, method: str) -> dict[str, Any] | None:
    """Return a heat map; None for a model without one."""
    if analysis.cells is None:
        return None
    return {
        "method": method,
        "class": analysis.label,
        "part_of_tile": [*analysis.box],
        "values": analysis.cells,
    }
