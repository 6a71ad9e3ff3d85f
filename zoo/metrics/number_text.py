"""Numbers as a reader sees them: measures with three digits, their intervals, whole numbers, and p-values."""

from __future__ import annotations

from decimal import Decimal

from zoo.metrics.result import Interval

NONE = "–"
"""Stands for a number that there is not."""
SIGNIFICANT = 0.05
"""A difference with a smaller p-value is one; no p-value is rounded across this limit."""


def decimal(value: float | None, digits: int = 3) -> str:
    """Return a number with three digits, or `digits`; what is rounded to zero has no minus sign."""
    if value is None:
        return NONE
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def with_sign(value: float, digits: int = 3) -> str:
    """Return a difference with its sign and three digits, or so many; what is rounded to zero has no sign."""
    text = f"{value:+.{digits}f}"
    return text[1:] if float(text) == 0 else text


def stated(value: float, digits: int | None = None) -> str:
    """Return a number as it was stated: with its own digits, none added and none left out.

    Args:
        value: The number.
        digits: How many decimals it has at least, since a number does not know the zeros at its end.
    """
    own = len(f"{Decimal(repr(value)).normalize():f}".partition(".")[2])
    return f"{value:.{max(own, digits or 0)}f}"


def whole(number: int | None) -> str:
    """Return a whole number."""
    return NONE if number is None else f"{number:,}"


def interval_text(interval: Interval | None, otherwise: str = "") -> str:
    """Return an interval, such as "0.801 to 0.843"; or another text, such as why there is none.

    Its ends keep their sign when they are rounded to zero: "-0.000 to 0.061" includes zero.
    """
    return f"{interval[0]:.3f} to {interval[1]:.3f}" if interval else otherwise


def signed_interval(interval: Interval, digits: int = 3) -> str:
    """Return the interval of a difference, such as "-0.012 to +0.019"; its ends keep their sign, as above."""
    return f"{interval[0]:+.{digits}f} to {interval[1]:+.{digits}f}"


def with_interval(value: float, interval: Interval | None) -> str:
    """Return a number with its interval, if it has one: "0.822 (0.801 to 0.843)"."""
    return decimal(value) + (f" ({interval_text(interval)})" if interval else "")


def p_value(p: float) -> str:
    """Return a p-value with two digits, "0.03", or "< 0.001"; with more if it would be rounded up to SIGNIFICANT."""
    if p < 0.001:
        return "< 0.001"
    texts = (f"{p:.{digits}g}" for digits in range(2, 18))
    return next(text for text in texts if (float(text) < SIGNIFICANT) == (p < SIGNIFICANT))


def p_text(p: float) -> str:
    """Return a p-value in a sentence: "p = 0.03"."""
    return f"p {p_value(p)}" if p < 0.001 else f"p = {p_value(p)}"
