"""Messages that a training shows: the best epoch so far, its result, and a loss that is not finite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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


def divergence_error(what: str, step: str, images: Sequence[str]) -> TrainingError:
    """Return the error for something that is not finite: what, in which step, and on which images."""
    return TrainingError(f"{what} in {step}, on the images {cut_short(images, MOST_IMAGES)}", hint=DIVERGED)
