"""Comparison of models on the same images: paired differences with intervals and tests."""

from zoo.comparison.compare import compare, compare_grid
from zoo.comparison.comparison import Comparison, Disagreement, McNemar, ModelResult, Pair

__all__ = ["Comparison", "Disagreement", "McNemar", "ModelResult", "Pair", "compare", "compare_grid"]
