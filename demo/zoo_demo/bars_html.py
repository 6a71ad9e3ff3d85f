"""The probabilities of one model as bars, with its decision threshold."""

from __future__ import annotations

from html import escape

from zoo.classifier import Prediction
from zoo.text import probability_percent
from zoo_demo.models import PageModel

MAX_CLASSES = 6


def bars(prediction: Prediction, model: PageModel) -> str:
    """Return one bar for each class: in the order of the classes, or the most probable first if there are many."""
    rows = list(prediction.probabilities.items())
    last = rows[-1][0]
    answer = None if prediction.unlike_training else prediction.label
    threshold = model.calibration.threshold if len(rows) == 2 else None
    if len(rows) > MAX_CLASSES:
        rows = sorted(rows, key=lambda row: -row[1])[:MAX_CLASSES]
    rest = len(prediction.probabilities) - len(rows)
    more = f'<li class="zoo-more">and {rest} more</li>' if rest else ""
    shown = "".join(
        _bar(name, value, predicted=name == answer, threshold=threshold if name == last else None)
        for name, value in rows
    )
    return f'<ul class="zoo-bars">{shown}{more}</ul><p class="zoo-rule">{escape(_rule(model))}</p>'


def _bar(name: str, value: float, *, predicted: bool, threshold: float | None) -> str:
    kind = ' class="zoo-best"' if predicted else ""
    tick = "" if threshold is None else f'<b style="left: {threshold * 100:.2f}%"></b>'
    return (
        f"<li{kind}><span>{escape(name)}</span><span>{escape(probability_percent(value))}</span>"
        f'<i><i style="width: {value * 100:.2f}%"></i>{tick}</i></li>'
    )


def _rule(model: PageModel) -> str:
    """Return how the answer follows from the probabilities."""
    if len(model.classes) != 2:
        return "The answer is the most probable class."
    calibration, positive = model.calibration, model.classes[1]
    chosen = {"default": "", "given": " (as given)", "validation": f" (chosen on {calibration.validation})"}
    threshold = f"{calibration.threshold * 100:.1f} %{chosen[calibration.chosen]}"
    return f"Only above a decision threshold of {threshold} is the answer {positive}."
