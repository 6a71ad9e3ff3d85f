"""The results as HTML. All text from other modules is escaped, since a bundle may be from anyone."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PIL import Image

from zoo.classifier import Prediction
from zoo.errors import ZooError
from zoo.explain import explanation_methods
from zoo_demo.analysis import Analysis
from zoo_demo.images_html import data_uri, heat_map_gradient, thumbnail
from zoo_demo.model_facts import ModelFacts, model_facts

MAX_CLASSES = 6

_WARNINGS = {
    "synthetic": "<b>Synthetic sample.</b> Trained on images drawn by a program; predictions mean nothing for tissue.",
    "nothing": "<b>Not trained.</b> Random weights; predictions mean nothing.",
}

_LEAKED = (
    '<p class="zoo-loud"><b>Leaked results.</b> This model was measured on images or patients that it had seen in '
    "training: its published results are too good for new patients.</p>"
)


def no_tile() -> str:
    """Return the message that is shown before a tile is chosen."""
    return _note("", "<b>No tile yet.</b> <span>Upload one, or choose a synthetic example.</span>")


def error_message(error: ZooError) -> str:
    """Return an error message, shown in place of the results: what went wrong, and what to do."""
    what = f"{error.where}: {error.message}" if error.where else _capitalized(error.message)
    hint = f"<span>{escape(_capitalized(error.hint))}.</span>" if error.hint else ""
    return _note("zoo-wrong", f"<b>{escape(what)}.</b> {hint}", role="alert")


def results(
    tile: Image.Image, analyses: Sequence[Analysis], *, method: str, synthetic: bool, only_first: bool = False
) -> str:
    """Return one card for each model, side by side if there is space."""
    badge = '<span class="zoo-badge">synthetic tile, drawn by a program</span>' if synthetic else ""
    badge += '<span class="zoo-badge">only the first of several pages</span>' if only_first else ""
    hint = "Point at an image, or tap it, to see the tile without the heat map."
    head = (
        f'<p class="zoo-tile"><span>Tile of {tile.width} × {tile.height} pixels</span>{badge}'
        f'<span class="zoo-scale">low <i style="background: {heat_map_gradient()}"></i> high</span>'
        f'<span class="zoo-hint">{hint}</span></p>'
    )
    title = explanation_methods()[method].title
    cards = "".join(_card(analysis, title) for analysis in analyses)
    background = f"--tile: url('{data_uri(thumbnail(tile))}')"
    return f'<section style="{background}">{head}<div class="zoo-cards">{cards}</div></section>'


def _card(analysis: Analysis, method: str) -> str:
    facts = model_facts(analysis.model.classifier.config)
    leaked = _LEAKED if analysis.model.leaked else ""
    return (
        f'<article class="zoo-card"><h3>{escape(analysis.model.name)}</h3>'
        f'<div class="zoo-warnings">{_unlike(analysis.prediction)}{_warning(facts)}{leaked}</div>'
        f"{_heat_map(analysis, method)}{_bars(analysis.prediction)}"
        f"{_facts(facts, analysis)}</article>"
    )


def _unlike(prediction: Prediction) -> str:
    """Return what is said of an image that is unlike those of the training."""
    if not prediction.unlike_training:
        return ""
    return '<p class="zoo-loud"><b>None of these:</b> unlike my training images.</p>'


def _warning(facts: ModelFacts) -> str:
    text = _WARNINGS.get(facts.trained_on)
    return f'<p class="zoo-loud">{text}</p>' if text else ""


def _heat_map(analysis: Analysis, method: str) -> str:
    if analysis.overlay is None:
        return f'<p class="zoo-nomap">No heat map: {escape(analysis.no_heat_map)}.</p>'
    caption = f"{method} for <b>{escape(analysis.label)}</b>"
    alt = escape(f"{method} of {analysis.model.name} for {analysis.label}", quote=True)
    return (
        f'<figure class="zoo-map"><div tabindex="0"><img src="{data_uri(analysis.overlay)}" alt="{alt}"></div>'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def _bars(prediction: Prediction) -> str:
    """Return one bar for each class: in the order of the classes, or the most probable first if there are many."""
    probabilities = prediction.probabilities
    rows = list(probabilities.items())
    if len(rows) > MAX_CLASSES:
        rows = sorted(rows, key=lambda row: -row[1])[:MAX_CLASSES]
    rest = len(probabilities) - len(rows)
    more = f'<li class="zoo-more">and {rest} more</li>' if rest else ""
    bars = "".join(_bar(name, value, name == prediction.label) for name, value in rows)
    return f'<ul class="zoo-bars">{bars}{more}</ul>'


def _bar(name: str, value: float, predicted: bool) -> str:
    kind = ' class="zoo-best"' if predicted else ""
    return (
        f"<li{kind}><span>{escape(name)}</span><span>{percent(value)}</span>"
        f'<i><i style="width: {value * 100:.2f}%"></i></i></li>'
    )


def percent(value: float) -> str:
    """Return a probability with one decimal, never 0 % or 100 %: no model is certain."""
    if value >= 0.9995:
        return "&gt; 99.9 %"
    if value < 0.0005:
        return "&lt; 0.1 %"
    return f"{value * 100:.1f} %"


def _facts(facts: ModelFacts, analysis: Analysis) -> str:
    calibration = analysis.model.classifier.calibration
    probabilities = [("Probabilities", f"{calibration}")]
    if calibration.decision:
        probabilities.append(("Labels", calibration.decision))
    baseline = _capitalized(analysis.model.baseline)
    worth = [("Worth it?", f"{baseline}.")] if baseline else []
    rows = [*facts.rows, *probabilities, *worth, ("Time", f"{analysis.seconds:.2f} s on the {analysis.device}")]
    return f"<dl>{''.join(f'<dt>{escape(name)}</dt><dd>{escape(value)}</dd>' for name, value in rows)}</dl>"


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def _note(kind: str, text: str, *, role: str = "status") -> str:
    return f'<div class="zoo-note {kind}" role="{role}"><p>{text}</p></div>'
