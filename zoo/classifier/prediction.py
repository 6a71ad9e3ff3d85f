"""The prediction for an image: a class, and the probability of each class."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress

import torch
from torch import Tensor

from zoo.calibration import UNCALIBRATED, Calibration
from zoo.calibration.novelty import UNLIKE
from zoo.classifier.finite_outputs import HINT
from zoo.errors import BundleError
from zoo.spec import Head


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """The predicted class of one image, and the probability of every class."""

    label: str
    probabilities: Mapping[str, float]
    possible: tuple[str, ...] | None = None
    """The classes that cannot be ruled out at the coverage that was asked for; None if none was."""
    novelty: float | None = None
    """How unlike the training images the image is: above 1 it is none of them; None if the model cannot tell."""

    @property
    def confidence(self) -> float:
        """The probability of the predicted class."""
        return self.probabilities[self.label]

    @property
    def answer(self) -> str:
        """The answer: the predicted class, or all classes that cannot be ruled out: "benign or malignant".

        For an image that is unlike the training images it is "none of these: unlike my training images".
        """
        if self.unlike_training:
            return UNLIKE
        return self.label if self.possible is None else " or ".join(self.possible)

    @property
    def unlike_training(self) -> bool:
        """Whether the image is unlike the training images; False if the model cannot tell."""
        return self.novelty is not None and self.novelty > 1


def class_probabilities(logits: Tensor, head: Head, *, temperature: float) -> Tensor:
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
    probabilities: Tensor,
    classes: Sequence[str],
    calibration: Calibration = UNCALIBRATED,
    coverage: float | None = None,
    novelty: Tensor | None = None,
) -> list[Prediction]:
    """Return a Prediction for each row of probabilities; a BundleError if a novelty is not a number.

    Args:
        probabilities: A row for each image, a column for each class.
        classes: The names of the classes.
        calibration: It has the decision threshold of two classes, and the quantiles for prediction sets.
        coverage: That of the prediction sets; None for none.
        novelty: How unlike the training images each image is; None if the model cannot tell.
    """
    found = [None] * len(probabilities) if novelty is None else novelty.tolist()
    if not all(value is None or math.isfinite(value) for value in found):
        raise BundleError("the model gave a non-finite novelty", hint=HINT)
    rows = probabilities.numpy()
    sets = calibration.sets(rows, coverage) if coverage is not None else None
    return [
        Prediction(
            label=classes[int(label)],
            probabilities=dict(zip(classes, row.tolist(), strict=True)),
            possible=None if sets is None else tuple(compress(classes, sets[number])),
            novelty=found[number],
        )
        for number, (label, row) in enumerate(zip(calibration.labels(rows), rows, strict=True))
    ]
