"""Comparison of models on the same images: paired differences with intervals and tests."""

from zoo.comparison.compare import compare
from zoo.comparison.comparison import Comparison, Disagreement, ModelResult, Pair

__all__ = ["Comparison", "Disagreement", "ModelResult", "Pair", "compare"]
