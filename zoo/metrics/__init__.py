"""Numbers that say how well a classifier does, each with its interval.

Importing this costs nothing: numpy and scikit-learn arrive with the first call.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo.metrics.measures import Measures
    from zoo.metrics.measuring import measure

__all__ = ["Measures", "measure"]

_HOMES = {"Measures": "zoo.metrics.measures", "measure": "zoo.metrics.measuring"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
