"""How many of the images of an evaluation are unlike those of the training."""

from __future__ import annotations

from dataclasses import dataclass

from zoo.metrics.patient_mean import PatientMean


@dataclass(frozen=True, kw_only=True)
class NoveltyResult:
    """The images that are unlike those of the training."""

    images: int
    """The number of them."""
    share: PatientMean
    """Their share: the mean over patients."""

    def __str__(self) -> str:
        return f"{self.images:,} images are unlike those of the training; their share by patient: {self.share}"
