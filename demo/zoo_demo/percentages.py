"""Probabilities as percentages."""

from __future__ import annotations


def percent(value: float) -> str:
    """Return a probability with one decimal, never rounded to 0 % or 100 %."""
    if value >= 0.9995:
        return "> 99.9 %"
    if value < 0.0005:
        return "< 0.1 %"
    return f"{value * 100:.1f} %"


def whole_percent(value: float) -> str:
    """Return a share that somebody chose, such as a coverage, without decimals that are zero: "90 %"."""
    return f"{value * 100:g} %"
