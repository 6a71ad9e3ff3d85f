"""Messages that a training shows: the best epoch so far, its result, and a loss that is not finite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from zoo.config.recipe import Recipe
from zoo.errors import TrainingError
from zoo.text import cut_short
from zoo.training.state import State

DIVERGED = "a smaller --lr may help; `zoo verify NAME` finds a network that divides by zero"
MOST_IMAGES = 8
"""How many images are named when the loss is not finite."""


def best_so_far(state: State) -> Mapping[str, str]:
    """Return the value and the number of the best epoch so far, for the progress bar."""
    if state.keeps_last or state.best_value is None:
        return {"best": ""}
    return {"best": f"{abs(state.best_value):.3f} (epoch {state.best_epoch})"}


def result_message(state: State, recipe: Recipe, *, early: bool) -> str:
    """Return the last line of a training: the epoch whose weights are kept, and why."""
    epochs = len(state.rows)
    if state.keeps_last:
        return f"the weights of the last epoch, {epochs}, are kept"
    stopped = f"stopped early, with a patience of {recipe.patience}; " if early else ""
    measure = recipe.select.replace("_", " ")
    value = abs(state.best_value or 0)
    return f"{stopped}best epoch: {state.best_epoch} of {epochs}, validation {measure} {value:.3f}"


def divergence_error(loss: float, step: str, indices: np.ndarray, keys: Sequence[str]) -> TrainingError:
    """Return the error for a loss that is not finite, with the step and its images, by index into `keys`."""
    names = [keys[index] for index in indices]
    images = cut_short(names, MOST_IMAGES)
    return TrainingError(f"the loss became {loss} in {step}, on the images {images}", hint=DIVERGED)
