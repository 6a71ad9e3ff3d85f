"""The table of what a leak is worth, for the terminal and the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoo.metrics.names import measure_name
from zoo.metrics.number_text import decimal, signed_interval, with_sign

if TYPE_CHECKING:
    from zoo.auditing.leak_worth import LeakWorth

COLUMNS = ("measure", "with the leak", "without", "difference", "95 % interval")


def worth_rows(worth: LeakWorth) -> list[tuple[str, ...]]:
    """Return the heading and a row for each measure."""
    rows: list[tuple[str, ...]] = [COLUMNS]
    for name, difference in worth.measures.items():
        interval = difference.interval
        shown = signed_interval(interval) if interval else difference.reason
        rows.append(
            (
                measure_name(name),
                decimal(difference.first),
                decimal(difference.second),
                with_sign(difference.value),
                shown,
            )
        )
    return rows
