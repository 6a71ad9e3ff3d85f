"""Many runs: models, seeds and folds; begun, gone on with, and summed up in one table."""

from zoo.grid.folder import GRID, is_grid
from zoo.grid.many import Grid, resume_many, train_many

__all__ = ["GRID", "Grid", "is_grid", "resume_many", "train_many"]
