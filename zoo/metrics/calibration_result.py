"""How a model's probabilities were calibrated, and what that changed on the images of an evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class CalibrationResult:
    """How logits became probabilities and labels, and the calibration error without and with it."""

    calibrated: str
    """On what the temperature was fitted; or that it was not, and why."""
    temperature: float | None
    """What logits were divided by; None if probabilities are not calibrated."""
    threshold: float | None
    """Of two classes, the second was predicted if its probability was above this; None for more classes."""
    chosen: Literal["default", "given", "validation"]
    """Whether the threshold is the default, was given, or was chosen on the validation images of the training."""
    error_before: float
    """The expected calibration error of the network's own probabilities."""
    error: float
    """The expected calibration error of the calibrated probabilities."""

    @property
    def divisor(self) -> float:
        """What logits were divided by: the temperature, or 1."""
        return 1.0 if self.temperature is None else self.temperature

    def __str__(self) -> str:
        text = f"{self.calibrated}; expected calibration error {self.error:.3f}"
        if self.temperature is not None:
            text += f", {self.error_before:.3f} without"
        return text

    @property
    def decision(self) -> str:
        """What is predicted, as text; empty for the default."""
        how = {"given": "as given", "validation": "chosen on the validation images"}
        if self.threshold is None or self.chosen == "default":
            return ""
        return f"decision threshold {self.threshold:.3f}, {how[self.chosen]}"
