"""Grids: many trainings with several models, seeds and folds, on this machine or a cluster, summarized in one table."""

from zoo.grid.grid_folder import GRID, is_grid
from zoo.grid.resume_grid import resume_grid
from zoo.grid.train_many import Grid, train_grid, train_many

__all__ = ["GRID", "Grid", "is_grid", "resume_grid", "train_grid", "train_many"]
