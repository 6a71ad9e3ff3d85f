"""Looking at a data set before training on it."""

from zoo.data.inspection.report import Inspection, inspect

__all__ = ["Inspection", "inspect"]
