"""The predictions for several images as a table, and the same as a CSV file."""

from __future__ import annotations

import csv
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from io import StringIO

from zoo.text import probability_percent
from zoo_demo.analysis import Analysis
from zoo_demo.consensus import agree
from zoo_demo.models import PageModel
from zoo_demo.prediction_set import set_or_none
from zoo_demo.warnings_html import shared_warnings

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so would be a formula in a spreadsheet."""
_AGREE = {True: "yes", False: "no", None: "–"}


@dataclass(frozen=True, kw_only=True)
class BatchRow:
    """One image, and what each model says of it."""

    image: str
    """The name of the file. It is from the visitor."""
    analyses: tuple[Analysis, ...] = ()
    """One for each model; empty if the image could not be read."""
    error: str = ""
    """Why the image could not be read."""


def batch_table(rows: Sequence[BatchRow], models: Sequence[PageModel], *, coverage: float | None) -> str:
    """Return the table: a row for each image, a column for each model.

    Args:
        rows: The images.
        models: The models.
        coverage: That of the prediction sets; None for none.
    """
    several = len(models) > 1
    columns = ["Image", *(model.name for model in models), *(["Agree"] if several else [])]
    heads = "".join(f'<th scope="col"><button type="button">{escape(name)}</button></th>' for name in columns)
    body = "".join(_row(row, len(models), coverage) for row in rows)
    table = b64encode(batch_csv(rows, models, coverage=coverage).encode()).decode()
    return (
        f'<p class="zoo-verdict"><span>{escape(_summary(rows, several=several))}</span></p>{shared_warnings(models)}'
        '<div class="zoo-tools"><span class="zoo-downloads"><a download="histozoo-predictions.csv" '
        f'href="data:text/csv;charset=utf-8;base64,{table}">Download CSV</a></span></div>'
        '<div class="zoo-wide" tabindex="0" role="region" aria-label="Predictions">'
        f'<table class="zoo-table"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def batch_csv(rows: Sequence[BatchRow], models: Sequence[PageModel], *, coverage: float | None) -> str:
    """Return a row for each image and model, with the probability of every class of any model."""
    classes = list(dict.fromkeys(name for model in models for name in model.classes))
    text = StringIO()
    table = csv.writer(text, lineterminator="\n")
    last = ("possible", "novelty", "unlike_training", "error")
    table.writerow(_as_text("path", "model", "predicted", *(f"p_{name}" for name in classes), *last))
    for row in rows:
        if not row.analyses:
            table.writerow(_as_text(row.image, *[""] * (len(classes) + 5), row.error))
        for analysis in row.analyses:
            one, possible = analysis.prediction, set_or_none(analysis, coverage)
            chances = [f"{one.probabilities[name]:.9g}" if name in one.probabilities else "" for name in classes]
            table.writerow(
                [
                    *_as_text(row.image, analysis.model.name, one.label),
                    *chances,
                    *_as_text("" if possible is None else " or ".join(possible)),
                    "" if one.novelty is None else f"{one.novelty:.4f}",
                    "" if one.novelty is None else str(one.unlike_training).lower(),
                    "",
                ]
            )
    return text.getvalue()


def _row(row: BatchRow, models: int, coverage: float | None) -> str:
    name = f'<th scope="row">{escape(row.image)}</th>'
    if not row.analyses:
        return f'<tr>{name}<td class="zoo-failed" colspan="{models + (models > 1)}">{escape(row.error)}</td></tr>'
    same = agree({analysis.model.name: analysis.prediction for analysis in row.analyses})
    last = f"<td>{_AGREE[same]}</td>" if models > 1 else ""
    return f"<tr>{name}{''.join(_cell(analysis, coverage) for analysis in row.analyses)}{last}</tr>"


def _cell(analysis: Analysis, coverage: float | None) -> str:
    one, possible = analysis.prediction, set_or_none(analysis, coverage)
    if one.unlike_training:
        return "<td>none of these <small>unlike its training images</small></td>"
    words = "" if possible is None else f" <small>set: {escape(' or '.join(possible))}</small>"
    return f"<td>{escape(one.label)} {escape(probability_percent(one.confidence))}{words}</td>"


def _summary(rows: Sequence[BatchRow], *, several: bool) -> str:
    """Return how many images were predicted, and on how many the models agree."""
    read = [row for row in rows if row.analyses]
    text = f"{len(read)} of {len(rows)} images predicted" if len(rows) != 1 else f"{len(read)} of 1 image predicted"
    if several and read:
        same = [agree({one.model.name: one.prediction for one in row.analyses}) for row in read]
        known = [one for one in same if one is not None]
        text += f"; the models agree on {sum(known)}" if known else "; the models have different classes"
    return f"{text}."


def _as_text(*values: str) -> list[str]:
    """Return cells that a spreadsheet takes as text, whoever chose the names in them."""
    return [f"'{value}" if value.startswith(_FORMULA) else value for value in values]
