"""Measure a model."""

from zoo.evaluation.evaluate import evaluate
from zoo.evaluation.evaluation import Evaluation

__all__ = ["Evaluation", "evaluate"]
