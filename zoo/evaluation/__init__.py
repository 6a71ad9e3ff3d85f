"""Evaluate a model: metrics with intervals, and a prediction for each image."""

from zoo.evaluation.evaluate import evaluate
from zoo.evaluation.evaluation import Evaluation

__all__ = ["Evaluation", "evaluate"]
