"""The card of one model: its answer, its heat map, and what is known of it. All text is escaped."""

from __future__ import annotations

from html import escape

from zoo.classifier import Prediction
from zoo.errors import UsageError
from zoo.text import probability_percent
from zoo_demo.analysis import Analysis
from zoo_demo.bars_html import bars
from zoo_demo.heat_map_html import heat_map
from zoo_demo.model_facts import model_facts
from zoo_demo.models import PageModel
from zoo_demo.percentages import whole_percent
from zoo_demo.prediction_set import possible_classes
from zoo_demo.sizes import duration, millions
from zoo_demo.warnings_html import tags

Rows = list[tuple[str, str]]


def card(analysis: Analysis, *, method: str, asked: str | None, coverage: float | None, tile: tuple[int, int]) -> str:
    """Return the card.

    Args:
        analysis: What one model made of the tile.
        method: The title of the heat map method.
        asked: The class that the visitor wants explained; None for the one that each model predicts.
        coverage: That of the prediction set; None for none.
        tile: Width and height of the tile.
    """
    model = analysis.model
    return (
        f'<article class="zoo-card" data-name="{escape(model.name, quote=True)}">'
        f"<header><h2>{escape(model.name)}</h2>{tags(model)}</header>"
        f"{_answer(analysis.prediction)}"
        f"{heat_map(analysis, method=method, asked=asked, tile=tile)}"
        f'<div class="zoo-chances">{bars(analysis.prediction, model)}</div>'
        f'<div class="zoo-facts">{_definitions([*_of_answer(analysis, coverage), *_in_short(analysis)])}'
        f"<details><summary>How it was trained and measured</summary>{_definitions(_at_length(model))}</details></div>"
        "</article>"
    )


def _answer(prediction: Prediction) -> str:
    """Return the answer; for an image that is unlike the training images, that there is none."""
    label, probability = escape(prediction.label), escape(probability_percent(prediction.confidence))
    if not prediction.unlike_training:
        return f'<p class="zoo-answer"><b>{label}</b> {probability}</p>'
    return (
        '<p class="zoo-answer zoo-unlike"><b>None of these:</b> unlike my training images. '
        f"<span>(It would be {label}, {probability}.)</span></p>"
    )


def _of_answer(analysis: Analysis, coverage: float | None) -> Rows:
    """Return the prediction set, if one was asked for, and whether the tile is like those of the training."""
    return [*_set(analysis, coverage), ("Like its training", _novelty(analysis.prediction))]


def _in_short(analysis: Analysis) -> Rows:
    """Return how well a model did, its size and its time."""
    model = analysis.model
    size, time = millions(model.parameters), duration(analysis.seconds)
    return [
        ("How well it did", "never measured" if model.how_well is None else str(model.how_well)),
        ("Size and time", f"{size} million parameters, {time} on the {analysis.device}"),
    ]


def _at_length(model: PageModel) -> Rows:
    """Return what is known of the training of a model, and of its results."""
    patients = model.how_well.of_patients if model.how_well is not None else None
    return [
        *model_facts(model.config).rows,
        ("Probabilities", f"{model.calibration}"),
        *([("By patient", f"balanced accuracy {patients} with one answer for each")] if patients else []),
        *([("Worth it?", f"{_capitalized(model.baseline)}.")] if model.baseline else []),
    ]


def _definitions(rows: Rows) -> str:
    return f"<dl>{''.join(f'<dt>{escape(name)}</dt><dd>{escape(value)}</dd>' for name, value in rows)}</dl>"


def _set(analysis: Analysis, coverage: float | None) -> Rows:
    """Return the prediction set, or why there is none; nothing if none was asked for."""
    if coverage is None:
        return []
    name = f"Prediction set at {whole_percent(coverage)}"
    try:
        possible = possible_classes(analysis.prediction, analysis.model, coverage)
    except UsageError as error:
        return [(name, f"none: {error.message}")]
    return [(name, f"{' or '.join(possible.classes)}{f' ({possible.note})' if possible.note else ''}")]


def _novelty(prediction: Prediction) -> str:
    """Return a sentence on how unlike the training images a tile is."""
    if prediction.novelty is None:
        return "this model cannot tell"
    if prediction.novelty > 100:  # as for an image of one color
        return "no: more than 100 times its limit"
    if prediction.unlike_training:
        return f"no: {prediction.novelty:.2f} times its limit"
    return f"yes: {prediction.novelty:.2f} of its limit"


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]
