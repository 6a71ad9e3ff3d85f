"""Numbers of parameters and times, as the page shows them."""

from __future__ import annotations


def millions(count: int) -> str:
    """Return a number in millions with three digits, and never with an exponent: "0.272", "134", "1,843"."""
    value = count / 1e6
    if value < 0.001:
        return "< 0.001"
    return f"{value:.3g}" if value < 999.5 else f"{value:,.0f}"


def duration(seconds: float) -> str:
    """Return a time in seconds, or below a tenth of a second in milliseconds: "0.25 s", "3.1 ms"."""
    if seconds >= 0.1:
        return f"{seconds:.2f} s"
    milliseconds = seconds * 1000
    return f"{milliseconds:.2g} ms" if milliseconds < 99.5 else f"{milliseconds:.0f} ms"
