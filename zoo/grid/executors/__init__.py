"""Executors: where the runs of a grid are executed."""
