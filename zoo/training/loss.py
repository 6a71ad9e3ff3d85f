"""The loss functions: cross-entropy or focal loss, with label smoothing, class weights and mixed labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from zoo.config.recipe import Recipe
from zoo.spec import Head

GAMMA = 2.0
"""The exponent of the focal loss (Lin 2017)."""


@dataclass(frozen=True, kw_only=True)
class Loss:
    """The weighted mean loss of a batch."""

    head: Head
    focal: bool
    smoothing: float
    weights: Tensor | None
    """The weight of each class; None if all are equal."""

    def __call__(
        self, logits: Tensor, labels: Tensor, other_labels: Tensor | None = None, own_share: Tensor | None = None
    ) -> Tensor:
        """Return the weighted mean loss of a batch.

        Args:
            logits: The network's outputs, a row for each image.
            labels: The labels of the images.
            other_labels: The labels of the images that they were mixed with, if they were mixed.
            own_share: How much of each image's own label is left after mixing, from 0 to 1.
        """
        losses, weights = self.sums(logits, labels, other_labels, own_share)
        return losses / weights

    def sums(
        self, logits: Tensor, labels: Tensor, other_labels: Tensor | None = None, own_share: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return the sum of the weighted losses and the sum of the weights, which processes add up before dividing."""
        losses, weights = self._image_losses(logits.float(), labels)
        if other_labels is not None and own_share is not None:
            other_losses, other_weights = self._image_losses(logits.float(), other_labels)
            losses = own_share * losses + (1 - own_share) * other_losses
            weights = own_share * weights + (1 - own_share) * other_weights
        return losses.sum(), weights.sum()

    def _image_losses(self, logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Return the weighted loss of each image, and its weight."""
        weights = torch.ones_like(logits[:, 0]) if self.weights is None else self.weights[labels]
        if self.head == "sigmoid":
            target = labels.float() * (1 - self.smoothing) + self.smoothing / 2
            losses = F.binary_cross_entropy_with_logits(logits[:, 0], target, reduction="none")
            missing = torch.sigmoid(torch.where(labels == 1, -logits[:, 0], logits[:, 0]))
        else:
            losses = F.cross_entropy(logits, labels, reduction="none", label_smoothing=self.smoothing)
            missing = -torch.expm1(logits.log_softmax(dim=1).gather(1, labels[:, None])[:, 0])
        if self.focal:
            losses = losses * missing**GAMMA
        return losses * weights, weights


def make_loss(head: Head, recipe: Recipe, labels: Sequence[int], classes: int, device: torch.device) -> Loss:
    """Return the recipe's loss; `labels` are those of the training part, for the class weights."""
    weights = class_weights(labels, classes).to(device) if recipe.class_weights == "balanced" else None
    return Loss(head=head, focal=recipe.loss == "focal", smoothing=recipe.label_smoothing, weights=weights)


def class_weights(labels: Sequence[int], classes: int) -> Tensor:
    """Return weights with which all classes count the same in total, and an image counts 1 on average."""
    counts = torch.bincount(torch.tensor(labels), minlength=classes).clamp(min=1)
    return len(labels) / (classes * counts.float())
