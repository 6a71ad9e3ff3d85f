"""Looking at a data set before training on it."""

from zoo.data.inspection.findings import Inspection, inspect

__all__ = ["Inspection", "inspect"]
