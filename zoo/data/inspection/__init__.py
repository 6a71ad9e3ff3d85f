"""The inspection of a data set before training on it."""

from zoo.data.inspection.findings import Findings, inspect

__all__ = ["Findings", "inspect"]
