"""Checkpoints: safetensors and JSON, each written whole, the last good ones kept."""

from zoo.training.checkpoint.checkpoint_files import Checkpoints, Snapshot
from zoo.training.checkpoint.checkpoint_writer import CheckpointWriter

__all__ = ["CheckpointWriter", "Checkpoints", "Snapshot"]
