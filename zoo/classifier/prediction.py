"""What a classifier says of an image: a probability for each class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """The predicted class of one image, and the probability of every class."""

    label: str
    probabilities: Mapping[str, float]

    @property
    def confidence(self) -> float:
        """The probability of the predicted class."""
        return self.probabilities[self.label]


def predictions(probabilities: Tensor, classes: Sequence[str]) -> list[Prediction]:
    """Return a Prediction for each row of probabilities."""
    return [_prediction(dict(zip(classes, row, strict=True))) for row in probabilities.tolist()]


def _prediction(probabilities: Mapping[str, float]) -> Prediction:
    return Prediction(label=max(probabilities, key=lambda name: probabilities[name]), probabilities=probabilities)
