"""The name of each measure for a reader: in the terminal, in the table of a grid, and on the model card."""

from __future__ import annotations

from collections.abc import Mapping

from zoo.metrics.measures import MEASURES

NAMES: Mapping[str, str] = {measure.name: measure.title for measure in MEASURES}


def measure_name(measure: str) -> str:
    """Return the name of a measure for a reader; one that another version of histozoo computed keeps its own."""
    return NAMES.get(measure, measure.replace("_", " "))
