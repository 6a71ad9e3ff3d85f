"""How good a classifier is: its measures, each with an interval."""

from zoo.metrics.measure import measure
from zoo.metrics.result import Result

__all__ = ["Result", "measure"]
