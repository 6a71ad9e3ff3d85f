"""Train a model, or resume a run. torch is imported when a training starts, not with this package."""

from zoo.training.train import resume, train

__all__ = ["resume", "train"]
