"""Whether models agree on a tile, and by how much, in one sentence."""

from __future__ import annotations

from collections.abc import Mapping

from zoo.classifier import Prediction
from zoo.text import listed, probability_percent

MANY = 4
"""From this many models on, a sentence counts them; fewer are named."""
Predictions = Mapping[str, Prediction]
"""The prediction of each model, by the model's name."""


def agreement(found: Predictions) -> list[str]:
    """Return one sentence, or several: which model says what, and how far their probabilities are apart.

    Args:
        found: The predictions of at least one model.
    """
    answered = {name: one for name, one in found.items() if not one.unlike_training}
    silent = [name for name in found if name not in answered]
    groups: dict[frozenset[str], dict[str, Prediction]] = {}
    for name, one in answered.items():
        groups.setdefault(frozenset(one.probabilities), {})[name] = one
    sentences = [_of_group(group, models=len(found)) for group in groups.values()]
    if len(groups) > 1:
        sentences.insert(0, "These models have different classes, so that not all answers can be compared.")
    return [*sentences, *_of_silent(silent, all_of_them=not answered)]


def agree(found: Predictions) -> bool | None:
    """Return whether all models give the same answer; None if they cannot be compared."""
    if len(found) < 2 or len({frozenset(one.probabilities) for one in found.values()}) > 1:
        return None
    return len({one.label if not one.unlike_training else None for one in found.values()}) == 1


def _of_group(group: Predictions, *, models: int) -> str:
    """Return the sentence for models with the same classes; `models` is the number of all."""
    by_label: dict[str, list[str]] = {}
    for name, one in group.items():
        by_label.setdefault(one.label, []).append(name)
    if len(group) == 1:
        ((name, one),) = group.items()
        return f"{name} says {one.label} ({probability_percent(one.confidence)})."
    if len(by_label) == 1:
        (label,) = by_label
        if len(group) == models:
            who = "Both models" if models == 2 else f"All {models} models"
        else:
            who = listed([*group]) if len(group) < MANY else f"{len(group)} of {models} models"
        return f"{who} say {label}{_range(group, label)}."
    most = max(by_label.values(), key=len)
    sides = [_side(label, names, group) for label, names in sorted(by_label.items(), key=lambda row: row[1] != most)]
    classes = next(iter(group.values())).probabilities
    last = [*classes][-1]
    spread = f": {last} has {_spread(group, last)}" if len(classes) == 2 else ""
    return f"They disagree{spread}. {'; '.join(sides)}."


def _side(label: str, names: list[str], group: Predictions) -> str:
    if len(names) >= MANY:
        return f"{len(names)} models say {label}{_range({name: group[name] for name in names}, label)}"
    values = listed([probability_percent(group[name].confidence) for name in names])
    return f"{listed(names)} say{'s' if len(names) == 1 else ''} {label} ({values})"


def _range(group: Predictions, label: str) -> str:
    """Return the lowest and the highest probability of a class: ", with 62.1 % to 98.3 %"."""
    values = [one.probabilities[label] for one in group.values()]
    low, high = probability_percent(min(values)), probability_percent(max(values))
    return f", with {low}" if low == high else f", with {low} to {high}"


def _spread(group: Predictions, label: str) -> str:
    values = [one.probabilities[label] for one in group.values()]
    low, high = probability_percent(min(values)), probability_percent(max(values))
    return f"{low} to {high}, a difference of {(max(values) - min(values)) * 100:.0f} percentage points"


def _of_silent(names: list[str], *, all_of_them: bool) -> list[str]:
    """Return the sentence for models that the tile is unlike the training images of."""
    if not names:
        return []
    why = "the tile is unlike the training images"
    if all_of_them and len(names) > 1:
        return [f"None of the models answers: {why} of all {len(names)}."]
    return [f"{listed(names)} give{'s' if len(names) == 1 else ''} no answer: {why}."]
