"""The mean over patients of the share of each patient's images for which something holds, with its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from zoo.config.plain import OPTIONAL
from zoo.metrics.certain import limit
from zoo.metrics.jackknife import jackknife
from zoo.metrics.number_text import interval_text
from zoo.metrics.result import LEVEL, Interval, Unit
from zoo.metrics.scale import LOGIT
from zoo.metrics.strata import MIN_UNITS
from zoo.metrics.student_t import student_t
from zoo.text import counted

_SAME = 1e-12
"""Shares that differ by less differ by rounding."""


@dataclass(frozen=True, kw_only=True)
class PatientMean:
    """A mean over patients, each of whom counts the same."""

    patients: int
    """The number of patients; of images, if the patients are not known."""
    unit: Unit = field(default="patient", metadata=OPTIONAL)
    """Whether it is the mean over patients, or over images, if the patients are not known."""
    value: float | None
    """None without an image."""
    interval: Interval | None
    """The 95 % interval, over these."""
    reason: str = ""
    """Why there is no interval."""

    def __str__(self) -> str:
        if self.value is None:
            return "no images"
        low_to_high = f"95 % {interval_text(self.interval)}" if self.interval else self.reason
        return f"{self.value:.3f} ({low_to_high})"


def patient_mean(holds: NDArray[np.bool_], groups: Sequence[str] | None) -> PatientMean:
    """Return the mean over patients of the share of their images for which something holds.

    Args:
        holds: Whether it holds, for each image.
        groups: The patient of each image; None if not known, and then each image counts as a patient.
    """
    unit: Unit = "image" if groups is None else "patient"
    if not len(holds):
        return PatientMean(patients=0, unit=unit, value=None, interval=None, reason="no images")
    units = np.arange(len(holds)) if groups is None else np.unique(np.array(groups), return_inverse=True)[1]
    shares = np.bincount(units, weights=holds) / np.bincount(units)
    count, mean = len(shares), float(shares.mean())
    if count < MIN_UNITS:
        reason = f"no interval: only {counted(count, unit)}, and it takes {MIN_UNITS}"
        return PatientMean(patients=count, unit=unit, value=mean, interval=None, reason=reason)
    interval = _interval(shares, mean)
    reason = "" if interval else f"no interval: the same for every {unit}"
    return PatientMean(patients=count, unit=unit, value=mean, interval=interval, reason=reason)


def _interval(shares: NDArray[np.float64], mean: float) -> Interval | None:
    """Return Student's interval on the logit scale; that of n of n (Clopper and Pearson) if all shares are 0 or 1.

    None if all shares are the same in between, which says nothing about how much patients differ.
    """
    count = len(shares)
    end = limit(count, LEVEL)
    if mean in (0, 1):
        return (end, 1.0) if mean else (0.0, 1 - end)
    if np.ptp(shares) < _SAME:
        return None
    without = (shares.sum() - shares) / (count - 1)
    variance, degrees = jackknife(without * LOGIT.slope(mean), np.zeros(count, dtype=np.int64))
    reach, center = student_t(degrees, LEVEL) * math.sqrt(variance), float(LOGIT.forward(mean))
    return LOGIT.back(center - reach), LOGIT.back(center + reach)
