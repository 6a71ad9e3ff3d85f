"""How many of the images of an evaluation are unlike those of the training."""

from __future__ import annotations

from dataclasses import dataclass

from zoo.metrics.patient_mean import PatientMean
from zoo.text import counted


@dataclass(frozen=True, kw_only=True)
class NoveltyResult:
    """The images that are unlike those of the training."""

    images: int
    """The number of them."""
    share: PatientMean
    """Their share: the mean over patients, or over images if the patients are not known."""

    def __str__(self) -> str:
        are = "is" if self.images == 1 else "are"
        by = " by patient" if self.share.unit == "patient" else ""
        return f"{counted(self.images, 'image')} {are} unlike those of the training; their share{by}: {self.share}"
