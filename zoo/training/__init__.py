"""Train and resume. Importing this brings no torch; the first training does."""

from zoo.training.train import resume, train

__all__ = ["resume", "train"]
