"""The loss that the recipe asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from zoo.config.recipe import Recipe
from zoo.spec import Head

FOCUS = 2.0
"""The exponent of the focal loss (Lin 2017)."""


@dataclass(frozen=True, kw_only=True)
class Loss:
    """A mean over a batch; classes may weigh differently, and an image may carry two labels."""

    head: Head
    focal: bool
    smoothing: float
    weights: Tensor | None

    def __call__(
        self, logits: Tensor, labels: Tensor, others: Tensor | None = None, own: Tensor | None = None
    ) -> Tensor:
        """`others` are the labels an image was mixed with, `own` how much of its own label is left."""
        losses, weights = self.parts(logits, labels, others, own)
        return losses / weights

    def parts(
        self, logits: Tensor, labels: Tensor, others: Tensor | None = None, own: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """The weighted losses' sum and the weights' sum, which several processes add up before dividing."""
        losses, weights = self._each(logits.float(), labels)
        if others is not None and own is not None:
            other_losses, other_weights = self._each(logits.float(), others)
            losses = own * losses + (1 - own) * other_losses
            weights = own * weights + (1 - own) * other_weights
        return losses.sum(), weights.sum()

    def _each(self, logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
        """Every image's weighted loss, and its weight."""
        weights = torch.ones_like(logits[:, 0]) if self.weights is None else self.weights[labels]
        if self.head == "sigmoid":
            target = labels.float() * (1 - self.smoothing) + self.smoothing / 2
            losses = F.binary_cross_entropy_with_logits(logits[:, 0], target, reduction="none")
            sure = torch.sigmoid(torch.where(labels == 1, logits[:, 0], -logits[:, 0]))
        else:
            losses = F.cross_entropy(logits, labels, reduction="none", label_smoothing=self.smoothing)
            sure = logits.softmax(dim=1).gather(1, labels[:, None])[:, 0]
        if self.focal:
            losses = losses * (1 - sure) ** FOCUS
        return losses * weights, weights


def make_loss(head: Head, recipe: Recipe, labels: Sequence[int], classes: int, device: torch.device) -> Loss:
    """The recipe's loss; `labels` are those of the training part."""
    weights = class_weights(labels, classes).to(device) if recipe.class_weights == "balanced" else None
    return Loss(head=head, focal=recipe.loss == "focal", smoothing=recipe.label_smoothing, weights=weights)


def class_weights(labels: Sequence[int], classes: int) -> Tensor:
    """Each class weighs as much as any other, and an average image weighs one."""
    counts = torch.bincount(torch.tensor(labels), minlength=classes).clamp(min=1)
    return len(labels) / (classes * counts.float())
