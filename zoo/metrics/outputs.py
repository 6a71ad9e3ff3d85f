"""What a model says of some images whose classes are known: outputs, and how they become answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from zoo.calibration.threshold import DEFAULT, cutoff_of_log_odds, predicted_classes
from zoo.metrics.logits import log_odds
from zoo.metrics.measurement import measure
from zoo.metrics.predictions import Predictions, check_predictions
from zoo.metrics.result import Result


@dataclass(frozen=True, kw_only=True)
class Outputs:
    """The outputs of a model for some images, with their classes and patients."""

    labels: NDArray[np.integer]
    """The true class of each image, as a number."""
    logits: NDArray[np.floating]
    """A row for each image."""
    classes: Sequence[str]
    """The names of the classes."""
    groups: Sequence[str] | None
    """The patient of each image; None if not known."""
    minority: str | None = None
    """The class of `f1_minority`; None for the one with the fewest of these images."""
    temperature: float = 1.0
    """What logits are divided by before they become probabilities."""
    threshold: float = DEFAULT
    """Of two classes, the second is predicted if its probability is above this."""

    @property
    def called(self) -> NDArray[np.int64]:
        """The predicted class of each image, as a number."""
        return predicted_classes(log_odds(self.logits), cutoff_of_log_odds(self.threshold, self.temperature))

    def of(self, indices: Sequence[int]) -> Outputs:
        """Return the outputs for some of the images."""
        groups = None if self.groups is None else [self.groups[index] for index in indices]
        chosen = list(indices)
        return replace(self, labels=self.labels[chosen], logits=self.logits[chosen], groups=groups)

    def uncalibrated(self, logits: NDArray[np.floating]) -> Outputs:
        """Return those of another model, without a calibration, for the same images."""
        return replace(self, logits=logits, temperature=1.0, threshold=DEFAULT)

    def checked(self) -> Predictions:
        """Return the predictions, checked and sorted."""
        return check_predictions(
            labels=self.labels,
            logits=self.logits,
            classes=self.classes,
            groups=self.groups,
            temperature=self.temperature,
            threshold=self.threshold,
        )

    def measure(self) -> Result:
        """Return every measure, each with a 95 % interval."""
        return measure(**vars(self))
