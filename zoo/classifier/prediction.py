"""The prediction for an image: a class, and the probability of each class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from zoo.calibration import UNCALIBRATED, Calibration
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


def class_probabilities(logits: Tensor, head: Head, *, temperature: float = 1.0) -> Tensor:
    """Return class probabilities in float64, N x classes; for a single sigmoid output, two columns.

    In float32, 1 - sigmoid(z) is 0 from z = 16.6 on. A device without float64 (`mps`) leaves the work to the CPU.

    Args:
        logits: The outputs of the network.
        head: What they mean.
        temperature: What the logits are divided by.
    """
    outputs = (logits.cpu() if logits.device.type == "mps" else logits).double() / temperature
    if head == "sigmoid":
        return torch.sigmoid(torch.cat([-outputs, outputs], dim=1))
    return torch.softmax(outputs, dim=1)


def predictions(
    probabilities: Tensor, classes: Sequence[str], calibration: Calibration = UNCALIBRATED
) -> list[Prediction]:
    """Return a Prediction for each row of probabilities.

    Args:
        probabilities: A row for each image, a column for each class.
        classes: The names of the classes.
        calibration: It has the decision threshold of two classes.
    """
    rows = probabilities.numpy()
    return [
        Prediction(label=classes[int(label)], probabilities=dict(zip(classes, row.tolist(), strict=True)))
        for label, row in zip(calibration.labels(rows), rows, strict=True)
    ]
