"""Measures of a classifier's predictions, each with an interval."""

from zoo.metrics.measure import measure
from zoo.metrics.result import Result

__all__ = ["Result", "measure"]
