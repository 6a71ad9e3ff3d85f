"""Evaluate a model: metrics with intervals, and a prediction for each image."""

from zoo.evaluation.evaluate import evaluate
from zoo.evaluation.evaluate_many import Evaluations, evaluate_many
from zoo.evaluation.evaluation import Evaluation

__all__ = ["Evaluation", "Evaluations", "evaluate", "evaluate_many"]
