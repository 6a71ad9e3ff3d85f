"""Measures of a classifier's predictions, each with an interval."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoo.metrics.measurement import measure
    from zoo.metrics.predictions import Predictions
    from zoo.metrics.result import Result

__all__ = ["Predictions", "Result", "measure"]

_HOMES = {
    "Predictions": "zoo.metrics.predictions",
    "Result": "zoo.metrics.result",
    "measure": "zoo.metrics.measurement",
}
"""What is imported only when it is used, since registering measures must not import NumPy."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'zoo.metrics' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value
