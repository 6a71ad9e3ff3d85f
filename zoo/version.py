"""The version of histozoo, and nothing else."""

__version__ = "0.1.0"
