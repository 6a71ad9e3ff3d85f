"""The weight of each class in the loss: what sampling, class weights and mixing come to together.

Class weights are computed from the images as they are sampled, so that they never balance twice, and the images to mix
with are drawn from the same ones, so that mixing changes no class's weight.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from zoo.config.recipe import Recipe
from zoo.data.sampler import Sampling
from zoo.text import cut_short

MOST_CLASSES = 12
"""How many classes a message lists."""


def sampled_counts(labels: Sequence[int] | np.ndarray, classes: int, sampling: Sampling) -> np.ndarray:
    """Return how many images of each class an epoch has; `labels` are those of the training part."""
    counts = np.bincount(np.asarray(labels, dtype=int), minlength=classes)
    return np.where(counts > 0, counts.max(), 0) if sampling == "balanced" else counts


def class_weights(counts: np.ndarray) -> np.ndarray:
    """Return the weight of an image of each class with which all classes count the same, and an image 1 on average.

    A class without images does not count.
    """
    weights: np.ndarray = counts.sum() / (np.count_nonzero(counts) * counts.clip(1))
    return weights


def class_shares(labels: Sequence[int] | np.ndarray, classes: int, recipe: Recipe) -> np.ndarray:
    """Return the share of each class in the total weight of all images and labels of an epoch."""
    counts = sampled_counts(labels, classes, recipe.sampling)
    totals = counts * class_weights(counts) if recipe.class_weights == "balanced" else counts
    shares: np.ndarray = totals / totals.sum()
    return shares


def balance_message(labels: Sequence[int] | np.ndarray, names: Sequence[str], recipe: Recipe) -> str:
    """Return the message that says which weight each class has in the loss, and why."""
    shares = class_shares(labels, len(names), recipe)
    listed = cut_short([f"{name} {share:.1%}" for name, share in zip(names, shares, strict=True)], MOST_CLASSES)
    weighted, sampled = recipe.class_weights == "balanced", recipe.sampling == "balanced"
    if weighted and sampled:
        reason = "balanced by sampling, so class weights change nothing"
    elif weighted or sampled:
        reason = "balanced by class weights" if weighted else "balanced by sampling"
    else:
        reason = "their shares of the training images"
    notes = [f"{recipe.mixing} with images sampled alike"] if recipe.mixing != "none" else []
    notes += ["then reduced by focal loss for images that are classified well"] if recipe.loss == "focal" else []
    return "; ".join([f"weight of each class in the loss: {listed} ({reason})", *notes])
