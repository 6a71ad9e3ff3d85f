"""The results as HTML. All text that does not stand in this file is escaped: a bundle may come from anybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from PIL import Image

from zoo.errors import ZooError
from zoo.explain import METHODS
from zoo_demo.analysis import Analysis, small
from zoo_demo.examples import Example
from zoo_demo.model_facts import Origin, model_facts
from zoo_demo.pictures import data_uri, ramp

MOST_CLASSES = 6

_WARNINGS = {
    "synthetic": "<b>Synthetic sample.</b> Trained on images drawn by a program; its answers mean nothing for tissue.",
    "untrained": "<b>Not trained.</b> Fresh weights; its answers mean nothing.",
}


def nothing_yet() -> str:
    """Before a tile is chosen."""
    return _note("", "<b>No tile yet.</b> <span>Upload one, or take a synthetic example.</span>")


def choices(examples: Sequence[Example]) -> str:
    """The tiles that the zoo drew, to press on."""
    buttons = "".join(
        f'<button type="button" data-number="{number}"><img src="{data_uri(example.picture)}" alt="">'
        f"<span>{escape(example.name)}</span></button>"
        for number, example in enumerate(examples)
    )
    title = "Or a <b>synthetic</b> tile, drawn by a program as"
    return f'<p class="zoo-label">{title}</p><div class="zoo-choices">{buttons}</div>'


def trouble(error: ZooError) -> str:
    """What went wrong and what to do, in place of the results."""
    what = f"{error.where}: {error.message}" if error.where else _sentence(error.message)
    hint = f"<span>{escape(_sentence(error.hint))}.</span>" if error.hint else ""
    return _note("zoo-wrong", f"<b>{escape(what)}.</b> {hint}", role="alert")


def results(tile: Image.Image, findings: Sequence[Analysis], *, method: str, drawn: bool) -> str:
    """A card for each model, side by side where there is room."""
    origin_of_tile = '<span class="zoo-badge">synthetic tile, drawn by the zoo</span>' if drawn else ""
    hint = "Point at a picture, or tap it, to see the tile without the map."
    head = (
        f'<p class="zoo-tile"><span>Tile of {tile.width} × {tile.height} pixels</span>{origin_of_tile}'
        f'<span class="zoo-scale">low <i style="background: {ramp()}"></i> high</span>'
        f'<span class="zoo-hint">{hint}</span></p>'
    )
    listed = "".join(_card(finding, METHODS[method]) for finding in findings)
    under = f"--tile: url('{data_uri(small(tile))}')"
    return f'<section style="{under}">{head}<div class="zoo-cards">{listed}</div></section>'


def _card(finding: Analysis, method: str) -> str:
    where_from = model_facts(finding.model.classifier.config)
    return (
        f'<article class="zoo-card"><h3>{escape(finding.model.name)}</h3>'
        f"{_warning(where_from)}{_map(finding, method)}{_bars(finding.prediction.probabilities)}"
        f"{_facts(where_from, finding)}</article>"
    )


def _warning(where_from: Origin) -> str:
    text = _WARNINGS.get(where_from.kind)
    return f'<p class="zoo-loud">{text}</p>' if text else ""


def _map(finding: Analysis, method: str) -> str:
    if finding.overlay is None:
        return f'<p class="zoo-nomap">No heat map: {escape(finding.trouble)}.</p>'
    caption = f"{method} for <b>{escape(finding.label)}</b>"
    alt = escape(f"{method} of {finding.model.name} for {finding.label}", quote=True)
    return (
        f'<figure class="zoo-map"><div tabindex="0"><img src="{data_uri(finding.overlay)}" alt="{alt}"></div>'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def _bars(probabilities: Mapping[str, float]) -> str:
    """Two classes keep their order, so that models can be compared; of many, the likeliest come first."""
    rows = list(probabilities.items())
    best = max(probabilities.values())
    if len(rows) > MOST_CLASSES:
        rows = sorted(rows, key=lambda row: -row[1])[:MOST_CLASSES]
    rest = len(probabilities) - len(rows)
    more = f'<li class="zoo-more">and {rest} more</li>' if rest else ""
    return f'<ul class="zoo-bars">{"".join(_bar(name, value, value == best) for name, value in rows)}{more}</ul>'


def _bar(name: str, value: float, best: bool) -> str:
    kind = ' class="zoo-best"' if best else ""
    return (
        f"<li{kind}><span>{escape(name)}</span><span>{percent(value)}</span>"
        f'<i><i style="width: {value * 100:.2f}%"></i></i></li>'
    )


def percent(value: float) -> str:
    """One decimal, and never a certainty that rounding made."""
    if 0.9995 <= value < 1:
        return "&gt; 99.9 %"
    if 0 < value < 0.0005:
        return "&lt; 0.1 %"
    return f"{value * 100:.1f} %"


def _facts(where_from: Origin, finding: Analysis) -> str:
    rows = [*where_from.facts, ("Time", f"{finding.seconds:.2f} s on the {finding.device}")]
    return f"<dl>{''.join(f'<dt>{escape(name)}</dt><dd>{escape(value)}</dd>' for name, value in rows)}</dl>"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _note(kind: str, text: str, *, role: str = "status") -> str:
    return f'<div class="zoo-note {kind}" role="{role}"><p>{text}</p></div>'
