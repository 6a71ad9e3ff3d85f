"""Checkpoints: safetensors and JSON files, written atomically; the last two are kept."""

from zoo.training.checkpoint.checkpoint_files import Checkpoints, Snapshot
from zoo.training.checkpoint.checkpoint_writer import CheckpointWriter

__all__ = ["CheckpointWriter", "Checkpoints", "Snapshot"]
