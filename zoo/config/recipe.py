"""Recipes with some values set otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, Literal, TypedDict, get_type_hints

from zoo.config import values as typed
from zoo.errors import UnknownNameError, UsageError
from zoo.spec import Preprocessing, Recipe


class RecipeChanges(TypedDict, total=False):
    """The recipe's fields that a caller may set otherwise."""

    split: Literal["auto", "patient", "image", "fixed"]
    fractions: tuple[float, float, float]
    folds: int | None
    fold: int
    height: int | None
    width: int | None
    epochs: int
    batch_size: int
    optimizer: Literal["adam", "adamw", "sgd"]
    lr: float
    weight_decay: float
    schedule: Literal["constant", "cosine", "step"]
    warmup: float
    tune: Literal["all", "head"]
    early_rate: float
    batch_norm: Literal["train", "frozen"]
    averaging: float
    loss: Literal["cross_entropy", "focal"]
    label_smoothing: float
    class_weights: Literal["none", "balanced"]
    sampling: Literal["natural", "balanced"]
    augment: tuple[str, ...]
    mixing: Literal["none", "mixup", "cutmix"]
    select: Literal["last", "loss", "accuracy", "balanced_accuracy"]
    patience: int | None


MEANINGS = {
    "split": "Who is kept whole: auto takes what the data say, else patients, else images.",
    "fractions": "Shares of train, val and test, such as 0.6,0.1,0.3.",
    "folds": "Cross-validation in so many parts.",
    "fold": "Which of the folds is tested on, from 0.",
    "height": "Of the images, as the network sees them.",
    "width": "Of the images, as the network sees them.",
    "epochs": "How often every training image is seen.",
    "batch_size": "Images in one step.",
    "optimizer": "What takes the steps.",
    "lr": "The learning rate, at its highest.",
    "weight_decay": "On weights; norms and biases have none.",
    "schedule": "How the rate falls.",
    "warmup": "The share of all steps in which the rate rises.",
    "tune": "Which layers learn; head is what gives the outputs.",
    "early_rate": "The first layers' rate as a share of the head's; those between lie between.",
    "batch_norm": "Frozen: batch norms stay as they began.",
    "averaging": "Decay of a running average of the weights, which is what is kept; 0 for none.",
    "loss": "Focal loss looks most at what is still wrong.",
    "label_smoothing": "How much of each label is spread over all classes.",
    "class_weights": "Balanced: each class weighs as much as any other.",
    "sampling": "Balanced: small classes are repeated in every epoch.",
    "augment": "Names with commas between them: symmetries, crop, stain, blur, cutout.",
    "mixing": "Each image is mixed with another, and so is its label.",
    "select": "Which epoch's weights are kept: the last, or the best by this on the validation part.",
    "patience": "Stop after so many epochs without a better one.",
}
"""What each value of a recipe means to somebody who sets it."""


def changed_recipe(recipe: Recipe, changes: Mapping[str, Any]) -> Recipe:
    """A recipe with some values set otherwise, each checked by its declared type and range."""
    hints = get_type_hints(Recipe)
    settable = get_type_hints(RecipeChanges)
    checked: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in settable:
            raise UnknownNameError("recipe value", name, settable)
        try:
            checked[name] = typed.check(value, hints[name])
        except ValueError as error:
            raise UsageError(f"{name} {error}") from error
    changed = replace(recipe, **checked)
    _check_ranges(changed)
    return changed


def plain(values: Recipe | Preprocessing) -> dict[str, Any]:
    """A recipe, or how images are prepared, as JSON and YAML hold it."""
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(values).items()}


def recipe_from(values: Mapping[str, Any]) -> Recipe:
    """The recipe that `plain` was given."""
    hints = get_type_hints(Recipe)
    return Recipe(**{name: typed.check(value, hints[name]) for name, value in values.items()})


def _check_ranges(recipe: Recipe) -> None:
    least: dict[str, float] = {
        "epochs": 1,
        "batch_size": 2,
        "height": 8,
        "width": 8,
        "weight_decay": 0,
        "patience": 1,
        "label_smoothing": 0,
    }
    for name, bound in least.items():
        value = getattr(recipe, name)
        if value is not None and value < bound:
            raise UsageError(f"{name} must be at least {bound}, not {value}")
    if recipe.lr <= 0:
        raise UsageError(f"lr must be above 0, not {recipe.lr}")
    if not 0 <= recipe.warmup < 1:
        raise UsageError(f"warmup is a share of all steps, from 0 up to 1, not {recipe.warmup}")
    if not 0 < recipe.early_rate <= 1:
        raise UsageError(f"early_rate is a share of the rate, above 0 up to 1, not {recipe.early_rate}")
    if not 0 <= recipe.averaging < 1:
        raise UsageError(f"averaging is a decay, from 0 up to 1, not {recipe.averaging}")
