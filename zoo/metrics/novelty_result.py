"""How many of the images of an evaluation are unlike the training images."""

from __future__ import annotations

from dataclasses import dataclass

from zoo.metrics.patient_mean import PatientMean


@dataclass(frozen=True, kw_only=True)
class NoveltyResult:
    """The images that are unlike the training images."""

    images: int
    """The number of them."""
    share: PatientMean
    """Their share: the mean over patients, or over images if the patients are not known."""

    def text(self, measured: int) -> str:
        """Return how many of the measured images they are, and their share."""
        are = "is" if self.images == 1 else "are"
        of_patient = " per patient" if self.share.unit == "patient" else ""
        return (
            f"{self.images:,} of {measured:,} images {are} unlike the training images (out-of-distribution); "
            f"mean share{of_patient} {self.share}"
        )
