"""Many trainings: models, seeds and folds, executed here or on a cluster, and summarised in one table."""

from zoo.grid.grid_folder import GRID, is_grid
from zoo.grid.train_many import Grid, resume_grid, train_grid, train_many

__all__ = ["GRID", "Grid", "is_grid", "resume_grid", "train_grid", "train_many"]
