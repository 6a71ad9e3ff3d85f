"""Train and evaluate."""

from zoo.engine.evaluation import Evaluation, evaluate
from zoo.engine.training import train

__all__ = ["Evaluation", "evaluate", "train"]
