"""calibration.json: what was fitted on the validation images of a training, and how outputs become answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from zoo.calibration.novelty import Novelty
from zoo.calibration.prediction_sets import STEPS, ClassQuantiles, patients_needed, prediction_sets
from zoo.calibration.temperature import HIGHEST, LOWEST, Reason
from zoo.calibration.threshold import DEFAULT, predicted_classes
from zoo.config.fields import settings_of
from zoo.config.plain import from_plain, plain
from zoo.config.recipe import Recipe
from zoo.config.values import checked_argument
from zoo.errors import UsageError
from zoo.text import counted, cut_short

FORMAT = 1
Chosen = Literal["default", "given", "validation"]
"""Whether a decision threshold is the default, was given as a number, or was chosen on validation images."""

_REASONS: dict[Reason, str] = {
    "not saved": "the model was saved without a calibration",
    "no validation part": "there was no validation part",
    "one class": "the validation images are all of one class",
    "no error": "no validation image is wrong, so that no temperature can be fitted",
}


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """What was fitted on the validation images: a temperature, a decision threshold, quantiles for prediction sets."""

    images: int = 0
    """The number of validation images; 0 if nothing was fitted."""
    patients: int | None = None
    """The number of their patients; None if these are not known."""
    temperature: float | None = None
    """What logits are divided by; None if probabilities are not calibrated."""
    reason: Reason | None = "not saved"
    """Why there is no temperature; None if there is one."""
    threshold: float = DEFAULT
    """Of two classes, the second is predicted if its probability is above this."""
    chosen: Chosen = "default"
    best_threshold: float | None = None
    """The threshold with the highest balanced accuracy on the validation images; None if there is none."""
    quantiles: tuple[ClassQuantiles, ...] = ()
    """For the prediction sets, those of each class; empty if there were no validation images."""
    novelty: Novelty | None = None
    """How to detect images unlike the training images; None if they cannot be detected."""

    def __post_init__(self) -> None:
        if self.temperature is not None and not LOWEST * 0.99 <= self.temperature <= HIGHEST * 1.01:
            raise ValueError(f"temperature must be from {LOWEST:g} to {HIGHEST:g}")
        for name in ("threshold", "best_threshold"):
            value = getattr(self, name)
            if value is not None and not 0 < value < 1:
                raise ValueError(f"{name} must be between 0 and 1")
        if self.images < 0 or not 0 <= (self.patients or 0) <= self.images:
            raise ValueError("images and patients must be numbers of images and of their patients")
        if (self.temperature is None) == (self.reason is None):
            raise ValueError("there must be either a temperature or a reason")

    @property
    def divisor(self) -> float:
        """What logits are divided by: the temperature, or 1."""
        return 1.0 if self.temperature is None else self.temperature

    def labels(self, probabilities: NDArray[np.floating]) -> NDArray[np.int64]:
        """Return the predicted class of each row of probabilities, as a number."""
        return predicted_classes(probabilities, self.threshold if probabilities.shape[1] == 2 else None)

    def sets(self, probabilities: NDArray[np.floating], coverage: float) -> NDArray[np.bool_]:
        """Return which classes are in the prediction set of each image, [images, classes].

        The predicted class is always in the set, so that none is empty; that only raises the coverage.

        Args:
            probabilities: The calibrated probabilities, a row for each image.
            coverage: The coverage, checked by `check_coverage`.
        """
        own = probabilities**self.divisor  # the network's own probabilities, up to the sum of each row
        found = prediction_sets(own / own.sum(axis=1, keepdims=True), self.quantiles, coverage)
        found[np.arange(len(found)), self.labels(probabilities)] = True
        return found

    def check_coverage(self, coverage: float, classes: Sequence[str]) -> str:
        """Return which classes can never be ruled out at this coverage, as text; empty if all can.

        A UsageError is raised if the coverage is not one, or if no class could ever be ruled out.

        Args:
            coverage: The coverage.
            classes: The names of the classes.
        """
        if not 0 < checked_argument("coverage", coverage, float) < 1:
            raise UsageError(f"the coverage must be between 0 and 1, not {coverage:g}")
        if (needed := patients_needed(coverage)) is None:
            raise UsageError(f"the coverage must be at most {(STEPS - 1) / STEPS:g}, not {coverage:g}")
        if not self.quantiles:
            raise UsageError(f"this model has no prediction sets: {self}", hint="leave out the coverage")
        unit = "image" if self.patients is None else "patient"
        few = [
            f"{name} ({counted(one.patients, unit)})"
            for name, one in zip(classes, self.quantiles, strict=True)
            if one.threshold(coverage) is None
        ]
        demand = f"a coverage of {coverage:g} needs {needed} validation {unit}s"
        if len(few) == len(classes):
            most = max(one.most for one in self.quantiles)
            raise UsageError(
                f"{demand} of a class, and there were fewer: {cut_short(few, 8)}",
                hint=f"the highest coverage that rules out any class is {most:g}"
                if most
                else f"validate on more {unit}s",
            )
        return f"{demand} of a class; always in the set, since there were fewer: {cut_short(few, 8)}" if few else ""

    def with_threshold(self, threshold: float | Literal["validation"], *, classes: int) -> Calibration:
        """Return this calibration with another decision threshold.

        Args:
            threshold: A probability, or `validation` for the best one on the validation images.
            classes: How many classes the model has.
        """
        if classes != 2:
            raise UsageError(
                f"a decision threshold needs two classes, and this model has {classes}",
                hint="of more classes, the one with the highest probability is predicted",
            )
        checked = settings_of(Recipe)["threshold"].checked(threshold)
        if checked != "validation":
            return replace(self, threshold=checked, chosen="given")
        if self.best_threshold is None:
            why = "it had no validation images of both classes" if self.images else "it had no validation images"
            raise UsageError(f"no decision threshold was chosen for this model: {why}", hint="give a number")
        return replace(self, threshold=self.best_threshold, chosen="validation")

    def without_that_of(self, before: Calibration) -> Calibration:
        """Return what of this calibration is not of other weights, which the same network had before.

        If it differs in its threshold only, only that remains, and only if it was given.

        Args:
            before: The calibration of those weights.
        """
        if replace(self, threshold=before.threshold, chosen=before.chosen) != before:
            return replace(self, novelty=None) if self.novelty == before.novelty else self
        given = self.chosen == "given" and (self.threshold, self.chosen) != (before.threshold, before.chosen)
        return replace(UNCALIBRATED, threshold=self.threshold, chosen="given") if given else UNCALIBRATED

    def to_document(self) -> dict[str, Any]:
        """Return the contents of calibration.json."""
        return {"format": FORMAT, **plain(self)}

    @classmethod
    def from_document(cls, document: object, *, classes: int) -> Calibration:
        """Return the calibration in a document from anybody.

        Args:
            document: The contents of calibration.json.
            classes: How many classes the model has.

        Raises:
            ValueError: The document is not a calibration for this many classes; the message says why.
        """
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise ValueError(f"its format is not {FORMAT}, which this version reads")
        found = from_plain(cls, {name: value for name, value in document.items() if name != "format"})
        if len(found.quantiles) not in (0, classes):
            raise ValueError(f"it has quantiles of {len(found.quantiles)} classes, and the model has {classes}")
        if classes != 2 and (found.chosen != "default" or found.best_threshold is not None):
            raise ValueError(f"it has a decision threshold, and the model has {classes} classes")
        return found

    def __str__(self) -> str:
        if self.temperature is None:
            return f"not calibrated: {_REASONS[self.reason or 'not saved']}"
        return f"calibrated on {self.validation}: temperature {self.temperature:.2f}"

    @property
    def decision(self) -> str:
        """How labels are decided, as text; empty for the default."""
        if self.chosen == "default":
            return ""
        how = f"chosen on {self.validation}" if self.chosen == "validation" else "as given"
        return f"decision threshold {self.threshold:.3f}, {how}"

    @property
    def validation(self) -> str:
        """The number of validation patients, or of images if patients are not known, as text."""
        if self.patients is None:
            return counted(self.images, "validation image")
        return counted(self.patients, "validation patient")


UNCALIBRATED = Calibration()
"""That of a model that was saved without one."""
