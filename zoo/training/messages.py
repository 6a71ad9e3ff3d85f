"""What a training says of how it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from zoo.config.recipe import Recipe
from zoo.errors import TrainingError
from zoo.text import cut_short
from zoo.training.state import State

DIVERGED = "a smaller --lr may help; `zoo verify NAME` finds a network that divides by zero"
SHOWN = 8
"""Images named where a loss is no number."""


def best_so_far(state: State) -> Mapping[str, str]:
    """For the bar."""
    if state.keeps_last or state.best_value is None:
        return {"best": ""}
    return {"best": f"{abs(state.best_value):.3f} (epoch {state.best_epoch})"}


def result(state: State, recipe: Recipe, *, early: bool) -> str:
    """Which epoch's weights are the result, and why."""
    ran = len(state.rows)
    if state.keeps_last:
        return f"the weights of the last epoch, {ran}, are kept"
    stopped = f"stopped early, with a patience of {recipe.patience}; " if early else ""
    measure = recipe.select.replace("_", " ")
    value = abs(state.best_value or 0)
    return f"{stopped}best epoch: {state.best_epoch} of {ran}, validation {measure} {value:.3f}"


def diverged(loss: float, where: str, indices: np.ndarray, keys: Sequence[str]) -> TrainingError:
    """A loss that is no number, and the images it came from."""
    names = [keys[index] for index in indices]
    return TrainingError(f"the loss became {loss} in {where}, on the images {cut_short(names, SHOWN)}", hint=DIVERGED)
