"""The name of each measure for a reader: in the terminal, in the table of a grid, and on the model card."""

from __future__ import annotations

from collections.abc import Mapping

from zoo.metrics.measures import MEASURES
from zoo.registry import registry

NAMES: Mapping[str, str] = {measure.name: measure.title for measure in MEASURES}
"""The names of the measures of the zoo."""


def measure_name(measure: str) -> str:
    """Return the name of a measure for a reader; one that another version of histozoo computed keeps its own."""
    declared = registry().plugins.measures.get(measure)
    return declared.title if declared else measure.replace("_", " ")


def headlines() -> tuple[str, ...]:
    """Return the keys of the few measures that the terminal shows, those of plugins last."""
    return tuple(measure.name for measure in registry().plugins.measures.values() if measure.headline)


def headlines_of_plugins() -> tuple[str, ...]:
    """Return the keys of those measures among them that plugins add."""
    return tuple(name for name in headlines() if name not in NAMES)
