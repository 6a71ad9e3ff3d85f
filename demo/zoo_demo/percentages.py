"""Shares that somebody chose, as percentages."""

from __future__ import annotations


def whole_percent(value: float) -> str:
    """Return a share that somebody chose, such as a coverage, without decimals that are zero: "90 %"."""
    return f"{value * 100:g} %"
