"""Many runs: models, seeds and folds; begun, gone on with, and summed up in one table."""

from zoo.grid.grid_folder import GRID, is_grid
from zoo.grid.train_many import Grid, resume_many, train_many

__all__ = ["GRID", "Grid", "is_grid", "resume_many", "train_many"]
