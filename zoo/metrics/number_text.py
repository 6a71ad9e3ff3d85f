"""Numbers as a reader sees them: measures with three digits, their intervals, whole numbers, and p-values."""

from __future__ import annotations

from zoo.metrics.result import Interval

NONE = "–"
"""Stands for a number that there is not."""


def decimal(value: float | None) -> str:
    """Return a number with three digits."""
    return NONE if value is None else f"{value:.3f}"


def whole(number: int | None) -> str:
    """Return a whole number."""
    return NONE if number is None else f"{number:,}"


def interval_text(interval: Interval | None, otherwise: str = "") -> str:
    """Return an interval, such as "0.801 to 0.843"; or another text, such as why there is none."""
    return f"{interval[0]:.3f} to {interval[1]:.3f}" if interval else otherwise


def with_interval(value: float, interval: Interval | None) -> str:
    """Return a number with its interval, if it has one: "0.822 (0.801 to 0.843)"."""
    return f"{value:.3f}" + (f" ({interval_text(interval)})" if interval else "")


def p_value(p: float) -> str:
    """Return a p-value: "0.03", or "< 0.001"."""
    return "< 0.001" if p < 0.001 else f"{p:.2g}"


def p_text(p: float) -> str:
    """Return a p-value in a sentence: "p = 0.03"."""
    return f"p {p_value(p)}" if p < 0.001 else f"p = {p_value(p)}"
