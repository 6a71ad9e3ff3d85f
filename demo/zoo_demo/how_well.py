"""How well a model did on the images that its metrics.json is of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from zoo.text import counted

if TYPE_CHECKING:
    from zoo.metrics.metrics_file import Metrics
    from zoo.metrics.result import Result

MAIN, AUROC = "balanced_accuracy", "auroc"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One measure of a model."""

    value: float | None
    interval: tuple[float, float] | None
    level: float
    reason: str
    """Why there is no value or no interval; empty if there are both."""

    def __str__(self) -> str:
        if self.value is None:
            return f"undefined: {self.reason}" if self.reason else "undefined"
        if self.interval is None:
            return f"{self.value:.3f} ({self.reason or 'no interval'})"
        low, high = self.interval
        return f"{self.value:.3f} ({self.level * 100:g} % {low:.3f} to {high:.3f})"


@dataclass(frozen=True, kw_only=True)
class HowWell:
    """How well a model did, and on what. The text is from the bundle, which may be from anyone."""

    accuracy: Measured
    """The balanced accuracy."""
    auroc: Measured
    of_patients: Measured | None
    """The balanced accuracy of one answer for each patient; None if there are no such answers."""
    data: str
    split: str
    """How the data were split, and which part was measured: "test part, split by patient, seed 7"."""
    fingerprint: str
    """The same for two models only if the data are the same."""
    images_hash: str | None
    """The same for two models only if the measured images are the same; None in results of an older version."""
    images: int
    patients: int | None
    unit: str
    """Over what the intervals are: patients or images."""
    guessing: str
    """Why the model cannot be said to be better than guessing; empty if it can."""

    def __str__(self) -> str:
        return f"balanced accuracy {self.accuracy} on {self.data}, {self.split}: {self.size}"

    @property
    def size(self) -> str:
        """The number of images and of patients, as text."""
        images = counted(self.images, "image")
        if self.patients is None:
            return f"{images}, patients not known"
        return f"{images} of {counted(self.patients, 'patient')}"


def how_well(metrics: Metrics) -> HowWell:
    """Return how well a model did.

    Args:
        metrics: The contents of its metrics.json.
    """
    found = metrics.measures
    answers = None if metrics.patients is None else metrics.patients.measures
    part = "all images" if metrics.split.part == "all" else f"{metrics.split.part} part"
    method = metrics.split.method
    return HowWell(
        accuracy=_measured(found, MAIN),
        auroc=_measured(found, AUROC),
        of_patients=None if answers is None else _measured(answers, MAIN),
        data=metrics.data.name,
        split=f"{part}, split {method}" if method else part,
        fingerprint=metrics.data.fingerprint,
        images_hash=metrics.split.images_hash,
        images=found.samples,
        patients=found.groups,
        unit=found.unit,
        guessing=_guessing(found),
    )


def _measured(found: Result, name: str) -> Measured:
    return Measured(
        value=found.values.get(name),
        interval=found.intervals.get(name),
        level=found.level,
        reason=found.reasons.get(name, ""),
    )


def _guessing(found: Result) -> str:
    """Return why these results do not show that a model is better than guessing; empty if they do."""
    if found.one_class is not None:
        return found.one_class
    main, chance = _measured(found, MAIN), 1 / len(found.classes)
    lowest = main.value if main.interval is None else main.interval[0]
    if lowest is None or lowest > chance:
        return ""
    return f"balanced accuracy {main}, and guessing has {chance:.3f}"
