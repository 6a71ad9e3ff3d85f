"""Numbers that say how well a classifier does, each with its interval."""

from zoo.metrics.measure import measure
from zoo.metrics.result import Result

__all__ = ["Result", "measure"]
