"""What a visitor must know of the models before believing them: said once, above all cards."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from zoo.text import listed
from zoo_demo.model_facts import model_facts
from zoo_demo.models import PageModel

_WARNINGS = {
    "nothing": ("Not trained", "a random head, or only random weights; predictions mean nothing."),
    "synthetic": (
        "Synthetic sample",
        "trained on images drawn by a program; predictions mean nothing for tissue.",
    ),
    "leaked": (
        "Leaked results",
        "measured on images or patients seen in training, so that the published results are too good for new patients.",
    ),
    "guessing": ("No better than guessing", "so the published results say; a high probability means nothing."),
    "unmeasured": ("Never measured", "no results are published, so that nobody knows how often it is right."),
}
"""The kinds of warnings, the gravest first: a short name, and what it means."""


def warnings_of(model: PageModel) -> list[str]:
    """Return the kinds of warnings of one model, the gravest first."""
    trained_on = model_facts(model.config).trained_on
    holds = {
        "nothing": trained_on == "nothing",
        "synthetic": trained_on == "synthetic",
        "leaked": model.leaked,
        "guessing": model.how_well is not None and bool(model.how_well.guessing),
        "unmeasured": model.how_well is None and trained_on != "nothing",
    }
    return [kind for kind in _WARNINGS if holds[kind]]


def shared_warnings(models: Sequence[PageModel]) -> str:
    """Return each warning once, with the names of the models that it holds for; empty if there is none."""
    by_kind: dict[str, list[str]] = {kind: [] for kind in _WARNINGS}
    for model in models:
        for kind in warnings_of(model):
            by_kind[kind].append(model.name)
    lines = [
        f"<li><b>{title}</b> <span>({escape(_who(by_kind[kind], len(models)))})</span>: {text}</li>"
        for kind, (title, text) in _WARNINGS.items()
        if by_kind[kind]
    ]
    return f'<ul class="zoo-loud">{"".join(lines)}</ul>' if lines else ""


def tags(model: PageModel) -> str:
    """Return the short names of a model's warnings, for its card."""
    named = "".join(f"<li>{_WARNINGS[kind][0]}</li>" for kind in warnings_of(model))
    return f'<ul class="zoo-tags" aria-label="Warnings, explained above">{named}</ul>' if named else ""


def _who(names: list[str], models: int) -> str:
    if models == 1:
        return "this model"
    return listed(names) if len(names) < models else "both models" if models == 2 else f"all {models} models"
