"""Grids: many trainings with several models, seeds and folds, on this machine or a cluster, summarized in one table."""

from zoo.grid.resume_grid import resume_grid
from zoo.grid.train_many import Grid, train_grid, train_many
from zoo.runs.grid_folder import GRID, is_grid

__all__ = ["GRID", "Grid", "is_grid", "resume_grid", "train_grid", "train_many"]
