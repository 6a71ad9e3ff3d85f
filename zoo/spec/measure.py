"""A measure of predictions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

RestsOn = Literal["all", "every class", "positive class", "negative class"]

MeasureScale = Literal["share", "correlation", "amount"]
"""`share`: from 0 to 1. `correlation`: from -1 to 1. `amount`: from 0 to infinity."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A measure of predictions that a plugin registers."""

    name: str
    """Its key in metrics.json."""
    title: str
    """Its name for a reader."""
    measure: str
    """`module:function`, called as `function(predictions, weights)`; returns a number, or NaN where it is undefined.

    `predictions` is a `zoo.metrics.Predictions`; `weights` has a number of 0 or more for each of its samples. Only the
    proportions of the weights count, and a sample of weight 0 does not count. It is called once for each patient, who
    is left out, so that the measure has an interval. It may also name an object of `zoo.metrics.measure_functions`.
    """
    summary: str
    """What it is, in one sentence."""
    higher_is_better: bool = True
    rests_on: RestsOn = "every class"
    """Whose patients must be numerous enough for an interval: those of every class; of the positive or the negative one
    of two classes; or all, whatever their class."""
    scale: MeasureScale = "share"
    """The values that are possible."""
    all_or_none: bool = False
    """Whether 1 (or 0) means that no (or every) patient has an error, so that its limit is that of n of n patients. A
    measure that follows from counts is computed at that limit instead."""
    no_interval: str = ""
    """Why it never has an interval, such as a bias that is larger; empty if it may have one."""
    headline: bool = False
    """Whether it is among the few that the terminal shows."""
