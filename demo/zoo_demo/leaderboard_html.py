"""The leaderboard: the published results of the models on the page, each with its data, split and interval."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from zoo_demo.how_well import HowWell, Measured
from zoo_demo.models import PageModel
from zoo_demo.warnings_html import shared_warnings, tags

_COLUMNS = (
    ("Model", "The name on this page"),
    ("Balanced accuracy", "The mean of the recall of all classes, over images"),
    ("AUROC", "The area under the ROC curve"),
    ("By patient", "The balanced accuracy of one answer for each patient"),
    ("Data", "What was measured on"),
    ("Split", "What the split keeps in one part, and which part was measured"),
    ("Images", "How many were measured"),
    ("Patients", "How many they are of"),
    ("Parameters", "Of the network"),
)
_NONE = '<td data-value="">–</td>'
_SORTED = ' aria-sort="descending"'


def leaderboard(models: Sequence[PageModel]) -> str:
    """Return the table of all models, the best first, and what a reader must know of it."""
    rows = sorted(models, key=_worth, reverse=True)
    heads = "".join(
        f'<th scope="col"{_SORTED if name == "Balanced accuracy" else ""}>'
        f'<button type="button" title="{escape(about, quote=True)}">{name}</button></th>'
        for name, about in _COLUMNS
    )
    body = "".join(map(_row, rows))
    return (
        f"{shared_warnings(models)}<p>{escape(_comparable(models))}</p>"
        '<div class="zoo-wide" tabindex="0" role="region" aria-label="Leaderboard">'
        f'<table class="zoo-table"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>'
        "<p>The figures are those in each model’s own bundle, with 95 % intervals over patients, or over images if "
        "the patients are not known. Intervals that overlap do not say which model is better: "
        "<code>zoo compare</code> tests the differences.</p>"
    )


def _worth(model: PageModel) -> float:
    value = None if model.how_well is None else model.how_well.accuracy.value
    return -1.0 if value is None else value


def _row(model: PageModel) -> str:
    name = f'<th scope="row" data-value="{escape(model.name, quote=True)}">{escape(model.name)}{tags(model)}</th>'
    parameters = model.parameters
    size = _number(parameters, f"{parameters / 1e6:.3g} M")
    did = model.how_well
    if did is None:
        return f"<tr>{name}{_NONE * 7}{size}</tr>"
    return (
        f"<tr>{name}{_measure(did.accuracy)}{_measure(did.auroc)}{_measure(did.of_patients)}"
        f"<td>{escape(did.data)}{_trained_elsewhere(model, did)}</td><td>{escape(did.split)}</td>"
        f"{_number(did.images, f'{did.images:,}')}"
        f"{_NONE if did.patients is None else _number(did.patients, f'{did.patients:,}')}{size}</tr>"
    )


def _measure(found: Measured | None) -> str:
    """Return a measure with its interval; the reason where there is none."""
    if found is None or found.value is None:
        reason = "" if found is None else found.reason
        return f'<td data-value="" title="{escape(reason, quote=True)}">–</td>'
    if found.interval is None:
        reason = escape(found.reason or "no interval")
        return f'<td data-value="{found.value}">{found.value:.3f} <small>{reason}</small></td>'
    low, high = found.interval
    return f'<td data-value="{found.value}">{found.value:.3f} <small>{low:.3f} to {high:.3f}</small></td>'


def _number(value: float, text: str) -> str:
    return f'<td data-value="{value}">{text}</td>'


def _trained_elsewhere(model: PageModel, did: HowWell) -> str:
    """Return what a model was trained on, if that is not what it was measured on."""
    training = model.config.training
    if training is None or training.data.fingerprint == did.fingerprint:
        return ""
    return f" <small>trained on {escape(training.data.name)}</small>"


def _comparable(models: Sequence[PageModel]) -> str:
    """Return whether the rows can be compared."""
    measured = [model.how_well for model in models if model.how_well is not None]
    if len(measured) < 2:
        return "A single model was measured." if measured else "None of these models was measured."
    if len({(one.fingerprint, one.split) for one in measured}) == 1:
        return f"All rows are of the same images: {measured[0].data}, {measured[0].split}."
    return "The rows are of different images: only those with the same data and the same split can be compared."
