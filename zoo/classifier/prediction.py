"""The prediction for an image: a class, and the probability of each class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from zoo.spec import Head


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """The predicted class of one image, and the probability of every class."""

    label: str
    probabilities: Mapping[str, float]

    @property
    def confidence(self) -> float:
        """The probability of the predicted class."""
        return self.probabilities[self.label]


def class_probabilities(logits: Tensor, head: Head) -> Tensor:
    """Return class probabilities, N x classes; for a single sigmoid output, two columns."""
    logits = logits.float()
    if head == "sigmoid":
        positive = torch.sigmoid(logits)
        return torch.cat([1 - positive, positive], dim=1)
    return torch.softmax(logits, dim=1)


def predictions(probabilities: Tensor, classes: Sequence[str]) -> list[Prediction]:
    """Return a Prediction for each row of probabilities."""
    return [_prediction(dict(zip(classes, row, strict=True))) for row in probabilities.tolist()]


def _prediction(probabilities: Mapping[str, float]) -> Prediction:
    return Prediction(label=max(probabilities, key=lambda name: probabilities[name]), probabilities=probabilities)
