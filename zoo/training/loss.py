"""The loss functions: cross-entropy or focal loss, with label smoothing, class weights and mixed labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from zoo.config.recipe import Recipe
from zoo.spec import Head
from zoo.training.class_balance import class_weights, sampled_counts

GAMMA = 2.0
"""The exponent of the focal loss (Lin 2017)."""


@dataclass(frozen=True, kw_only=True)
class Loss:
    """The weighted losses of the images of a batch, of which the mean over the images counts.

    It is not divided by the weights of the batch: then an image would count less in a batch with many images of small
    classes, and in small batches these classes would have less than their weight.
    """

    head: Head
    focal: bool
    smoothing: float
    weights: Tensor | None
    """The weight of each class; None if all are equal."""

    def sum(
        self, logits: Tensor, labels: Tensor, other_labels: Tensor | None = None, own_share: Tensor | None = None
    ) -> Tensor:
        """Return the sum of the weighted losses, of which each process computes its part.

        Args:
            logits: The network's outputs, a row for each image.
            labels: The labels of the images.
            other_labels: The labels of the images that they were mixed with, if they were mixed.
            own_share: How much of each image's own label is left after mixing, from 0 to 1.
        """
        losses = self._image_losses(logits.float(), labels)
        if other_labels is not None and own_share is not None:
            losses = own_share * losses + (1 - own_share) * self._image_losses(logits.float(), other_labels)
        return losses.sum()

    def _image_losses(self, logits: Tensor, labels: Tensor) -> Tensor:
        """Return the weighted loss of each image."""
        if self.head == "sigmoid":
            target = labels.float() * (1 - self.smoothing) + self.smoothing / 2
            losses = F.binary_cross_entropy_with_logits(logits[:, 0], target, reduction="none")
            missing = torch.sigmoid(torch.where(labels == 1, -logits[:, 0], logits[:, 0]))
        else:
            losses = F.cross_entropy(logits, labels, reduction="none", label_smoothing=self.smoothing)
            missing = -torch.expm1(logits.log_softmax(dim=1).gather(1, labels[:, None])[:, 0])
        if self.focal:
            losses = losses * missing**GAMMA
        return losses if self.weights is None else losses * self.weights[labels]


def make_loss(head: Head, recipe: Recipe, labels: Sequence[int], classes: int, device: torch.device) -> Loss:
    """Return the recipe's loss; `labels` are those of the training part, for the class weights."""
    weights = None
    if recipe.class_weights == "balanced":
        balanced = class_weights(sampled_counts(labels, classes, recipe.sampling))
        weights = torch.from_numpy(balanced.astype(np.float32)).to(device)
    return Loss(head=head, focal=recipe.loss == "focal", smoothing=recipe.label_smoothing, weights=weights)
