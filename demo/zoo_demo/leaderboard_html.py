"""The leaderboard: the published results of the models on the page, each with its data, split and interval."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from html import escape

from zoo.text import listed
from zoo_demo.how_well import HowWell, Measured
from zoo_demo.models import PageModel
from zoo_demo.sizes import millions
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
    size = _number(parameters, escape(f"{millions(parameters)} M"))
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
    """Return which rows are of the same images and can be compared. The words of two splits do not show that."""
    measured = [(model.name, model.how_well) for model in models if model.how_well is not None]
    if len(measured) < 2:
        return "A single model was measured." if measured else "None of these models was measured."
    unknown = [name for name, did in measured if did.images_hash is None]
    of_images: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, did in measured:
        if did.images_hash is not None:
            of_images[did.fingerprint, did.images_hash].append(name)
    if len(of_images) == 1 and not unknown:
        return f"All rows are of the same images: {_what_of([did for _, did in measured])}."
    same = "; ".join(listed(names) for names in of_images.values() if len(names) > 1)
    if len({images for _, images in of_images}) > 1:
        different = "The rows are of different images"
    elif len({did.fingerprint for _, did in measured}) > 1:
        different = "The rows are of different data"
    else:
        only = f" Of the same images are {same}." if same else ""
        which = f"which images were measured is not known of {listed(unknown)}"
        return f"The rows may be of different images: {which}.{only}"
    return f"{different}: {f'compare only those of the same images, {same}' if same else 'do not compare them'}."


def _what_of(measured: Sequence[HowWell]) -> str:
    """Return the data and the split of results of the same images; the split only if all have the same."""
    first = measured[0]
    return ", ".join([first.data, *([first.split] if len({did.split for did in measured}) == 1 else [])])
